import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import members.common.models.constraints
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('meetings', '0002_scheduled_state'),
        ('members', '0002_department_email'),
        ('surveys', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='AggregateCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('count', models.PositiveIntegerField(verbose_name='数')),
            ],
            options={
                'verbose_name': '集計値',
                'verbose_name_plural': '集計値',
                'ordering': ['question', 'topic__position', 'choice__position', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Condition',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
            ],
            options={
                'verbose_name': '尋ねる条件',
                'verbose_name_plural': '尋ねる条件',
                'ordering': ['question', 'choice__position', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='DraftSection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('section', models.CharField(max_length=40, verbose_name='区分')),
                ('values', models.JSONField(default=dict, verbose_name='入力')),
                ('saved_by', models.CharField(blank=True, max_length=100, verbose_name='入力した人')),
                ('saved_at', models.DateTimeField(auto_now=True, verbose_name='保存日時')),
            ],
            options={
                'verbose_name': '下書き',
                'verbose_name_plural': '下書き',
                'ordering': ['target', 'section'],
            },
        ),
        migrations.CreateModel(
            name='Mailing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('invitation', '回答のお願い'), ('reminder', '督促')], max_length=10, verbose_name='種類')),
                ('subject', models.CharField(max_length=200, verbose_name='件名')),
                ('body', models.TextField(verbose_name='本文')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='登録日時')),
            ],
            options={
                'verbose_name': '一斉メール',
                'verbose_name_plural': '一斉メール',
                'ordering': ['-created_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='OutgoingMail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('address', models.EmailField(max_length=254, verbose_name='宛先')),
                ('state', models.CharField(choices=[('queued', '送信待ち'), ('sending', '送信中'), ('sent', '送信済み'), ('skipped', '送信不要になった'), ('failed', '送信できなかった')], default='queued', max_length=10, verbose_name='状態')),
                ('attempts', models.PositiveSmallIntegerField(default=0, verbose_name='試行回数')),
                ('next_try_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='次に送る日時')),
                ('last_error', models.CharField(blank=True, max_length=300, verbose_name='最後のエラー')),
                ('claimed_at', models.DateTimeField(blank=True, null=True, verbose_name='送信を始めた日時')),
                ('sent_at', models.DateTimeField(blank=True, null=True, verbose_name='送信日時')),
                ('token_hash', models.CharField(editable=False, max_length=64, null=True, unique=True, verbose_name='リンクのハッシュ値')),
            ],
            options={
                'verbose_name': '送信メール',
                'verbose_name_plural': '送信メール',
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='Scale',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(help_text='例: 進捗（4段階）', max_length=100, unique=True, verbose_name='尺度の名前')),
            ],
            options={
                'verbose_name': '尺度',
                'verbose_name_plural': '尺度',
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='ScaleChoice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(blank=True, help_text='小さい順に並びます。空欄なら最後になります。', validators=[django.core.validators.MaxValueValidator(9999, '%(limit_value)s以下の数で入力してください。')], verbose_name='順')),
                ('code', models.CharField(help_text='例: much', max_length=40, validators=[django.core.validators.RegexValidator('^[a-z][a-z0-9_-]*\\Z', '半角の英小文字で始め、英小文字、数字、ハイフン、下線だけで入力してください。')], verbose_name='識別名')),
                ('label', models.CharField(max_length=100, verbose_name='表示')),
                ('asks_text', models.BooleanField(default=False, verbose_name='内容も書く')),
                ('is_exclusive', models.BooleanField(default=False, verbose_name='単独でだけ選べる')),
            ],
            options={
                'verbose_name': '尺度の選択肢',
                'verbose_name_plural': '尺度の選択肢',
                'ordering': ['scale', 'position', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Section',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(blank=True, help_text='小さい順に並びます。空欄なら最後になります。', validators=[django.core.validators.MaxValueValidator(9999, '%(limit_value)s以下の数で入力してください。')], verbose_name='順')),
                ('code', models.CharField(help_text='例: telework', max_length=40, validators=[django.core.validators.RegexValidator('^[a-z][a-z0-9_-]*\\Z', '半角の英小文字で始め、英小文字、数字、ハイフン、下線だけで入力してください。')], verbose_name='識別名')),
                ('title', models.CharField(max_length=100, verbose_name='見出し')),
                ('description', models.TextField(blank=True, help_text='見出しの下に表示します。', verbose_name='説明')),
            ],
            options={
                'verbose_name': '区分',
                'verbose_name_plural': '区分',
                'ordering': ['survey', 'position', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='SubmissionRevision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(verbose_name='回')),
                ('content', models.JSONField(verbose_name='内容')),
                ('content_hash', models.CharField(max_length=64, verbose_name='内容のハッシュ値')),
                ('respondent_department', models.CharField(blank=True, max_length=100, verbose_name='回答者の課名')),
                ('respondent_name', models.CharField(blank=True, max_length=50, verbose_name='回答者の氏名')),
                ('channel', models.CharField(choices=[('web', '回答ページ'), ('workbook', '回答用Excel'), ('staff', '事務局による代理入力'), ('correction', '事務局による訂正')], max_length=10, verbose_name='提出の方法')),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='備考')),
                ('submitted_at', models.DateTimeField(verbose_name='提出日時')),
            ],
            options={
                'verbose_name': '提出の履歴',
                'verbose_name_plural': '提出の履歴',
                'ordering': ['submission', '-number'],
            },
        ),
        migrations.CreateModel(
            name='SurveyEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('opened', '受付を開始'), ('closed', '受付を終了'), ('reopened', '受付を再開'), ('extended', '期限を延長'), ('excluded', '対象から除外'), ('mailed', 'メールを送信待ちに登録'), ('wording', '文言を訂正')], max_length=10, verbose_name='出来事')),
                ('note', models.CharField(blank=True, max_length=300, verbose_name='内容・理由')),
                ('at', models.DateTimeField(auto_now_add=True, verbose_name='日時')),
            ],
            options={
                'verbose_name': '経過',
                'verbose_name_plural': '経過',
                'ordering': ['-at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='WorkbookUpload',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('file_name', models.CharField(max_length=200, verbose_name='ファイル名')),
                ('values', models.JSONField(default=dict, verbose_name='読み取った回答')),
                ('problems', models.JSONField(default=list, verbose_name='読み取れなかった点')),
                ('made_from', models.CharField(blank=True, max_length=64, verbose_name='作成時の内容')),
                ('uploaded_at', models.DateTimeField(auto_now_add=True, verbose_name='受け取った日時')),
                ('state', models.CharField(choices=[('pending', '確認待ち'), ('accepted', '取り込み済み'), ('refused', '取り込まない')], default='pending', max_length=10, verbose_name='状態')),
                ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='決めた日時')),
            ],
            options={
                'verbose_name': '受け取った回答用Excel',
                'verbose_name_plural': '受け取った回答用Excel',
                'ordering': ['-uploaded_at', '-pk'],
            },
        ),
        migrations.RemoveConstraint(
            model_name='answer',
            name='answer_is_one_thing',
        ),
        migrations.RemoveConstraint(
            model_name='survey',
            name='survey_results_public_after_closing',
        ),
        migrations.RemoveField(
            model_name='submission',
            name='saved_at',
        ),
        migrations.RenameField(
            model_name='submission',
            old_name='version',
            new_name='revision',
        ),
        migrations.AddField(
            model_name='answer',
            name='date',
            field=models.DateField(blank=True, null=True, verbose_name='日付'),
        ),
        migrations.AddField(
            model_name='choice',
            name='asks_text',
            field=models.BooleanField(default=False, help_text='「その他」のように、選んだときに内容を書いてもらいます。', verbose_name='内容も書く'),
        ),
        migrations.AddField(
            model_name='choice',
            name='is_exclusive',
            field=models.BooleanField(default=False, help_text='「該当なし」のように、ほかと一緒には選べません。', verbose_name='単独でだけ選べる'),
        ),
        migrations.AddField(
            model_name='question',
            name='decimals',
            field=models.PositiveSmallIntegerField(default=0, help_text='0なら整数。4まで。', verbose_name='小数の桁数'),
        ),
        migrations.AddField(
            model_name='question',
            name='disclosure',
            field=models.CharField(choices=[('staff', '事務局のみ'), ('members', '構成員'), ('public', '公開（集計）')], default='staff', help_text='集計をだれに見せるか。団体ごとの回答と自由記述は、どれを選んでも公開しません。', max_length=10, verbose_name='開示範囲'),
        ),
        migrations.AddField(
            model_name='question',
            name='max_choices',
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='選ぶ数の上限'),
        ),
        migrations.AddField(
            model_name='question',
            name='maximum',
            field=models.DecimalField(blank=True, decimal_places=4, max_digits=14, null=True, verbose_name='最大'),
        ),
        migrations.AddField(
            model_name='question',
            name='min_choices',
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='選ぶ数の下限'),
        ),
        migrations.AddField(
            model_name='question',
            name='minimum',
            field=models.DecimalField(blank=True, decimal_places=4, max_digits=14, null=True, verbose_name='最小'),
        ),
        migrations.AddField(
            model_name='question',
            name='unit',
            field=models.CharField(blank=True, help_text='例: 人、千円', max_length=20, verbose_name='単位'),
        ),
        migrations.AddField(
            model_name='submission',
            name='channel',
            field=models.CharField(choices=[('web', '回答ページ'), ('workbook', '回答用Excel'), ('staff', '事務局による代理入力'), ('correction', '事務局による訂正')], default='web', editable=False, max_length=10, verbose_name='提出の方法'),
        ),
        migrations.AddField(
            model_name='submission',
            name='content_hash',
            field=models.CharField(blank=True, editable=False, max_length=64, verbose_name='内容のハッシュ値'),
        ),
        migrations.AddField(
            model_name='submission',
            name='entered_by',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='入力した職員'),
        ),
        migrations.AlterField(
            model_name='submission',
            name='revision',
            field=models.PositiveIntegerField(default=1, editable=False, verbose_name='提出回数'),
        ),
        migrations.AddField(
            model_name='survey',
            name='aggregate_answered',
            field=models.PositiveIntegerField(blank=True, help_text='回答した市町の数。分からなければ空欄。', null=True, verbose_name='集計値の回答数'),
        ),
        migrations.AddField(
            model_name='survey',
            name='aggregate_base',
            field=models.PositiveIntegerField(blank=True, help_text='参加した市町の数（例: 28）。', null=True, verbose_name='集計値の母数'),
        ),
        migrations.AddField(
            model_name='survey',
            name='aggregate_source',
            field=models.CharField(blank=True, help_text='資料の名前、ページなど。数値のページに表示します。', max_length=300, verbose_name='集計値の出所'),
        ),
        migrations.AddField(
            model_name='survey',
            name='is_aggregate',
            field=models.BooleanField(default=False, help_text='団体ごとの回答がなく、選択肢ごとの数だけが分かっている過去の調査。受付はしません。', verbose_name='集計値だけの調査'),
        ),
        migrations.AddField(
            model_name='survey',
            name='results_shared',
            field=models.BooleanField(default=False, help_text='受付終了後、回答用リンクの画面に、開示範囲が「構成員」と「公開」の設問の集計を表示します。', verbose_name='集計結果を構成員に見せる'),
        ),
        migrations.AddField(
            model_name='surveytarget',
            name='departments_at_opening',
            field=models.TextField(blank=True, editable=False, verbose_name='担当課（開始時）'),
        ),
        migrations.AddField(
            model_name='surveytarget',
            name='emails',
            field=models.TextField(blank=True, help_text='1行に1つ。空欄なら、検討メンバーの担当課のアドレスに送ります。', verbose_name='送付先メールアドレス'),
        ),
        migrations.AddField(
            model_name='surveytarget',
            name='extended_to',
            field=models.DateTimeField(blank=True, help_text='この団体だけ締切を延ばす場合。', null=True, verbose_name='個別の締切'),
        ),
        migrations.AddField(
            model_name='surveytarget',
            name='extension_reason',
            field=models.CharField(blank=True, max_length=200, verbose_name='延長の理由'),
        ),
        migrations.AddField(
            model_name='surveytarget',
            name='is_excluded',
            field=models.BooleanField(default=False, help_text='合併などで尋ねないことにした団体。リンクは使えなくなり、回答があっても数えません。', verbose_name='対象から除外する'),
        ),
        migrations.AddField(
            model_name='surveytarget',
            name='kind_at_opening',
            field=models.CharField(blank=True, editable=False, max_length=10, verbose_name='種別（開始時）'),
        ),
        migrations.AddField(
            model_name='surveytarget',
            name='name_at_opening',
            field=models.CharField(blank=True, editable=False, max_length=50, verbose_name='団体名（開始時）'),
        ),
        migrations.AlterField(
            model_name='answer',
            name='text',
            field=models.TextField(blank=True, verbose_name='記述'),
        ),
        migrations.AlterField(
            model_name='question',
            name='key',
            field=models.CharField(help_text='例: progressed。前の年度と同じ設問には同じ識別名を付けると、前回の回答と比べられます。', max_length=40, validators=[django.core.validators.RegexValidator('^[a-z][a-z0-9_-]*\\Z', '半角の英小文字で始め、英小文字、数字、ハイフン、下線だけで入力してください。')], verbose_name='識別名'),
        ),
        migrations.AlterField(
            model_name='question',
            name='kind',
            field=models.CharField(choices=[('single', '1つ選ぶ'), ('multiple', 'いくつでも選ぶ'), ('grid', '項目ごとに1つ選ぶ（表形式）'), ('number', '数値'), ('line', '短い文（1行）'), ('text', '自由記述'), ('date', '日付')], max_length=10, verbose_name='回答の形式'),
        ),
        migrations.AlterField(
            model_name='survey',
            name='results_public',
            field=models.BooleanField(default=False, help_text='受付終了後に公開できます。開示範囲が「公開」の設問の集計と指標をだれでも見られるようにします。公開するまで、指標は年次報告書にも表示しません。', verbose_name='集計結果を公開する'),
        ),
        migrations.AlterField(
            model_name='surveytarget',
            name='exclusion_reason',
            field=models.CharField(blank=True, help_text='指標のページに公開されます。', max_length=200, verbose_name='母数に含めない理由・除外の理由'),
        ),
        migrations.AddConstraint(
            model_name='answer',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('choice__isnull', False), ('date__isnull', True), ('number__isnull', True)), models.Q(('choice__isnull', True), ('topic__isnull', True), models.Q(models.Q(models.Q(('text', ''), _negated=True), ('date__isnull', True), ('number__isnull', True)), models.Q(('date__isnull', True), ('number__isnull', False), ('text', '')), models.Q(('date__isnull', False), ('number__isnull', True), ('text', '')), _connector='OR')), _connector='OR'), name='answer_is_one_thing', violation_error_message='選択肢、記述、数値、日付のうち、設問の形式に合う1つだけを入力してください。'),
        ),
        migrations.AddConstraint(
            model_name='survey',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('results_public', False), ('results_shared', False)), ('status', 'closed'), _connector='OR'), name='survey_results_public_after_closing', violation_error_message='集計結果は、受付を終了してから公開してください。'),
        ),
        migrations.AddConstraint(
            model_name='survey',
            constraint=models.CheckConstraint(condition=models.Q(('is_aggregate', False), models.Q(models.Q(('aggregate_source', ''), _negated=True), ('aggregate_base__isnull', False), ('status', 'closed')), _connector='OR'), name='survey_aggregate_has_source_and_base', violation_error_message='集計値だけの調査には、出所と母数を入力してください。'),
        ),
        migrations.AddConstraint(
            model_name='survey',
            constraint=models.CheckConstraint(condition=models.Q(('aggregate_answered__isnull', True), ('aggregate_answered__lte', models.F('aggregate_base')), _connector='OR'), name='survey_aggregate_answered_within_base', violation_error_message='回答数は母数以下にしてください。'),
        ),
        migrations.AddConstraint(
            model_name='surveytarget',
            constraint=models.CheckConstraint(condition=models.Q(('is_excluded', False), ('in_base', False), _connector='OR'), name='survey_target_excluded_not_in_base', violation_error_message='除外する団体は、母数に含められません。'),
        ),
        migrations.AddConstraint(
            model_name='surveytarget',
            constraint=models.CheckConstraint(condition=models.Q(('extended_to__isnull', True), models.Q(('extension_reason', ''), _negated=True), _connector='OR'), name='survey_target_extension_has_reason', violation_error_message='締切を延ばす理由を入力してください。'),
        ),
        migrations.AddField(
            model_name='aggregatecount',
            name='choice',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='aggregate_counts', to='surveys.choice', verbose_name='選択肢'),
        ),
        migrations.AddField(
            model_name='aggregatecount',
            name='question',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='aggregate_counts', to='surveys.question', verbose_name='設問'),
        ),
        migrations.AddField(
            model_name='aggregatecount',
            name='topic',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='aggregate_counts', to='surveys.topic', verbose_name='項目'),
        ),
        migrations.AddField(
            model_name='condition',
            name='choice',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='opens', to='surveys.choice', verbose_name='この選択肢を選んだ団体だけに尋ねる'),
        ),
        migrations.AddField(
            model_name='condition',
            name='question',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='conditions', to='surveys.question', verbose_name='設問'),
        ),
        migrations.AddField(
            model_name='draftsection',
            name='target',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='drafts', to='surveys.surveytarget', verbose_name='回答対象'),
        ),
        migrations.AddField(
            model_name='mailing',
            name='created_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL, verbose_name='登録した職員'),
        ),
        migrations.AddField(
            model_name='mailing',
            name='survey',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='mailings', to='surveys.survey', verbose_name='アンケート'),
        ),
        migrations.AddField(
            model_name='outgoingmail',
            name='mailing',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='mails', to='surveys.mailing', verbose_name='一斉メール'),
        ),
        migrations.AddField(
            model_name='outgoingmail',
            name='target',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='mails', to='surveys.surveytarget', verbose_name='回答対象'),
        ),
        migrations.AddField(
            model_name='scalechoice',
            name='scale',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='choices', to='surveys.scale', verbose_name='尺度'),
        ),
        migrations.AddField(
            model_name='section',
            name='survey',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sections', to='surveys.survey', verbose_name='アンケート'),
        ),
        migrations.AddField(
            model_name='question',
            name='section',
            field=models.ForeignKey(blank=True, help_text='空欄なら最初の画面に置きます。', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='questions', to='surveys.section', verbose_name='区分'),
        ),
        migrations.AddConstraint(
            model_name='question',
            constraint=models.CheckConstraint(condition=models.Q(('min_choices__isnull', True), ('max_choices__isnull', True), ('max_choices__gte', models.F('min_choices')), _connector='OR'), name='question_number_of_choices_in_order', violation_error_message='選ぶ数の上限は、下限以上にしてください。'),
        ),
        migrations.AddConstraint(
            model_name='question',
            constraint=models.CheckConstraint(condition=models.Q(('minimum__isnull', True), ('maximum__isnull', True), ('maximum__gte', models.F('minimum')), _connector='OR'), name='question_range_in_order', violation_error_message='最大は、最小以上にしてください。'),
        ),
        migrations.AddConstraint(
            model_name='question',
            constraint=models.CheckConstraint(condition=models.Q(('decimals__lte', 4)), name='question_decimals_at_most_four', violation_error_message='小数の桁数は4までです。'),
        ),
        migrations.AddField(
            model_name='submissionrevision',
            name='entered_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='入力した職員'),
        ),
        migrations.AddField(
            model_name='submissionrevision',
            name='submission',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='revisions', to='surveys.submission', verbose_name='回答'),
        ),
        migrations.AddField(
            model_name='surveyevent',
            name='by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL, verbose_name='職員'),
        ),
        migrations.AddField(
            model_name='surveyevent',
            name='survey',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='events', to='surveys.survey', verbose_name='アンケート'),
        ),
        migrations.AddField(
            model_name='workbookupload',
            name='survey',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='workbook_uploads', to='surveys.survey', verbose_name='アンケート'),
        ),
        migrations.AddField(
            model_name='workbookupload',
            name='target',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='workbook_uploads', to='surveys.surveytarget', verbose_name='回答対象'),
        ),
        migrations.AddField(
            model_name='workbookupload',
            name='uploaded_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL, verbose_name='職員'),
        ),
        migrations.AddConstraint(
            model_name='aggregatecount',
            constraint=models.UniqueConstraint(condition=models.Q(('topic__isnull', True)), fields=('question', 'choice'), name='aggregate_count_once', violation_error_message='この選択肢の数はすでに登録されています。'),
        ),
        migrations.AddConstraint(
            model_name='aggregatecount',
            constraint=models.UniqueConstraint(condition=models.Q(('topic__isnull', False)), fields=('question', 'topic', 'choice'), name='aggregate_count_once_per_topic', violation_error_message='この項目と選択肢の数はすでに登録されています。'),
        ),
        migrations.AddConstraint(
            model_name='condition',
            constraint=models.UniqueConstraint(fields=('question', 'choice'), name='condition_once', violation_error_message='この条件はすでに登録されています。'),
        ),
        migrations.AddConstraint(
            model_name='draftsection',
            constraint=models.UniqueConstraint(fields=('target', 'section'), name='draft_one_per_section', violation_error_message='この区分の下書きはすでにあります。'),
        ),
        migrations.AddIndex(
            model_name='outgoingmail',
            index=models.Index(fields=['state', 'next_try_at'], name='outgoing_mail_due'),
        ),
        migrations.AddConstraint(
            model_name='outgoingmail',
            constraint=models.UniqueConstraint(fields=('mailing', 'target', 'address'), name='outgoing_mail_once_per_address', violation_error_message='この宛先にはすでに登録されています。'),
        ),
        migrations.AddConstraint(
            model_name='scalechoice',
            constraint=models.UniqueConstraint(fields=('scale', 'code'), name='scale_choice_code_unique', violation_error_message='この尺度には同じ識別名の選択肢がすでにあります。'),
        ),
        migrations.AddConstraint(
            model_name='section',
            constraint=models.UniqueConstraint(fields=('survey', 'code'), name='section_code_unique_per_survey', violation_error_message='このアンケートには同じ識別名の区分がすでにあります。'),
        ),
        migrations.AddConstraint(
            model_name='section',
            constraint=models.UniqueConstraint(fields=('id', 'survey'), name='section_of_survey'),
        ),
        migrations.AddConstraint(
            model_name='submissionrevision',
            constraint=models.UniqueConstraint(fields=('submission', 'number'), name='revision_number_unique', violation_error_message='この回の提出はすでに記録されています。'),
        ),
        migrations.AddConstraint(
            model_name='question',
            constraint=members.common.models.constraints.BelongsTo(name='question_section_of_survey', part='section', violation_error_message='このアンケートの区分を選んでください。', whole='survey'),
        ),
        migrations.AddConstraint(
            model_name='aggregatecount',
            constraint=members.common.models.constraints.BelongsTo(name='aggregate_choice_of_question', part='choice', violation_error_message='この設問の選択肢を選んでください。', whole='question'),
        ),
        migrations.AddConstraint(
            model_name='aggregatecount',
            constraint=members.common.models.constraints.BelongsTo(name='aggregate_topic_of_question', part='topic', violation_error_message='この設問の項目を選んでください。', whole='question'),
        ),
    ]
