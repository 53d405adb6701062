"""Logins that wait, as a list of their own."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('axes', '0010_accessattemptexpiration'),
        ('council', '0016_roles'),
    ]

    operations = [
        migrations.CreateModel(
            name='Lockout',
            fields=[
            ],
            options={
                'verbose_name': 'ログインの停止',
                'verbose_name_plural': 'ログインの停止',
                'ordering': ['-attempt_time'],
                'proxy': True,
                'indexes': [],
                'constraints': [],
            },
            bases=('axes.accessattempt',),
        ),
    ]
