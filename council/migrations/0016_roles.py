"""Roles in place of the one group 事務局: whoever was in it may still do all that they did."""

from django.db import migrations

ROLES = ("事務局担当", "事務局責任者", "集計閲覧", "監査", "システム管理")
# What the old group could do, but for accounts, which it never kept.
HERITAGE = ("事務局担当", "事務局責任者", "監査")


def make_roles(apps, schema_editor):
    Group = apps.get_model("auth", "Group")
    groups = {name: Group.objects.get_or_create(name=name)[0] for name in ROLES}
    for old in Group.objects.filter(name="事務局"):
        for user in old.user_set.all():
            user.groups.add(*(groups[name] for name in HERITAGE))
        old.delete()


class Migration(migrations.Migration):

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('council', '0015_free_numbers'),
    ]

    operations = [
        migrations.RunPython(make_roles, migrations.RunPython.noop),
        migrations.AlterModelOptions(
            name='annualreport',
            options={'ordering': ['-council_year__year', 'council_year__council'], 'permissions': [('publish_annualreport', '年次報告書を公開し、取り下げる')], 'verbose_name': '年次報告書', 'verbose_name_plural': '年次報告書'},
        ),
    ]
