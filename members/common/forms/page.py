"""What our forms on public pages share."""

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout
from django import forms


class PageForm(forms.Form):
    """A form drawn by our template pack, whose errors are listed above it with a link to each."""

    # The browser's own messages would come in its language, one at a time.
    use_required_attribute = False

    def lay_out(self, *parts: Any) -> None:
        """Set what the page shows, in order."""
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.layout = Layout(*parts)

    def error_label(self, name: str) -> str:
        """A field's label as it reads alone."""
        return str(self.fields[name].label)

    def error_links(self) -> list[tuple[str, str, str]]:
        """For the summary: id of the control to go to, its label, what is wrong."""
        return [
            (
                f"{field.auto_id}_0" if field.use_fieldset else field.auto_id,
                self.error_label(field.name),
                str(error),
            )
            for field in self.visible_fields()
            for error in field.errors
        ]
