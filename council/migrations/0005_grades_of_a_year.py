import django.db.models.deletion
from django.db import migrations, models

import members.common.models.constraints


class Migration(migrations.Migration):

    dependencies = [
        ('council', '0004_grades_and_texts'),
        ('members', '0002_department_email'),
    ]

    operations = [
        migrations.AlterField(
            model_name='evaluationgrade',
            name='council_year',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='grades', to='members.councilyear', verbose_name='年度'),
        ),
        migrations.AddConstraint(
            model_name='evaluationgrade',
            constraint=models.UniqueConstraint(fields=('council_year', 'label'), name='grade_once_a_year', violation_error_message='この年度には同じ評価がすでにあります。'),
        ),
        migrations.AddConstraint(
            model_name='evaluationgrade',
            constraint=models.UniqueConstraint(fields=('id', 'council_year'), name='grade_of_council_year'),
        ),
        migrations.AddConstraint(
            model_name='annualreport',
            constraint=members.common.models.constraints.BelongsTo(name='report_grade_of_council_year', part='grade', violation_error_message='同じ年度の自己評価の区分を選んでください。', whole='council_year'),
        ),
    ]
