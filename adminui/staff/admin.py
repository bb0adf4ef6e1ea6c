"""The pages under /staff/: grants with check boxes, and the failed sign-ins to look at or clear."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import User
from django.http import HttpRequest

from adminui.staff.models import Grant, LoginAttempt
from adminui.staff.rules import Action


class GrantForm(forms.ModelForm):  # type: ignore[type-arg]
    actions = forms.MultipleChoiceField(
        choices=[(action.value, action.value) for action in Action], widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Grant
        fields = ("group", "connection", "resource", "fields", "actions", "deny", "max_rows")


admin.site.unregister(User)


@admin.register(User)
class PersonAdmin(UserAdmin):  # type: ignore[type-arg]
    """An administrator manages staff; superusers, whom no grant limits, are made and changed by superusers only."""

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fixed = super().get_readonly_fields(request, obj)
        return fixed if _superuser(request.user) else (*fixed, "is_superuser", "user_permissions")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and _may_touch(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and _may_touch(request, obj)


def _may_touch(request: HttpRequest, person: Any) -> bool:
    return person is None or not _superuser(person) or _superuser(request.user)


def _superuser(person: Any) -> bool:
    return bool(getattr(person, "is_superuser", False))


@admin.register(Grant)
class GrantAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    form = GrantForm
    list_display = ("group", "connection", "resource", "fields", "actions", "deny", "max_rows")
    list_filter = ("group", "deny")
    list_select_related = ("group",)


@admin.register(LoginAttempt)
class LoginAttemptAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Removing rows lets a person who is locked out try again at once."""

    list_display = ("username", "ip", "at")
    search_fields = ("username",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
