"""Who may do what."""

import pytest
from django.contrib.auth.models import AnonymousUser, Group, User
from hypothesis import given
from hypothesis import strategies as st

from adminui.staff.access import allowed, role_of, row_cap
from adminui.staff.models import Grant
from adminui.staff.roles import ROLES, after_migrate, ensure_staff
from adminui.staff.rules import NEEDS, Action, Rule, cap, permits

ACTIONS = ("view", "edit", "bulk", "admin")
EDIT = frozenset({Action.VIEW, Action.EDIT})


def may(user: User) -> list[str]:
    return [action for action in ACTIONS if allowed(user, "buzz-acme", "line-items", action)]


def test_a_viewer_only_looks(viewer):
    assert may(viewer) == ["view"]


def test_an_editor_edits_single_records_but_not_many(editor):
    assert may(editor) == ["view", "edit"]
    assert row_cap(editor, "buzz-acme", "line-items") == 0


def test_a_lead_edits_many_up_to_the_cap(lead):
    assert may(lead) == ["view", "edit", "bulk"]
    assert row_cap(lead, "buzz-acme", "line-items") == 5000


def test_an_admin_may_all_without_a_cap_and_manages_staff(admin_user):
    assert may(admin_user) == list(ACTIONS)
    assert row_cap(admin_user, "buzz-acme", "line-items") is None
    assert admin_user.is_staff and admin_user.has_perm("auth.change_user") and admin_user.has_perm("staff.add_grant")


def test_a_superuser_may_all(db):
    boss = User.objects.create_superuser("boss")
    assert may(boss) == list(ACTIONS) and row_cap(boss, "any", "thing") is None


@pytest.mark.parametrize("role", ROLES)
def test_an_inactive_person_may_nothing(person, role):
    user = person(role)
    user.is_active = False
    assert may(user) == []


def test_an_inactive_superuser_and_a_stranger_may_nothing(db):
    assert may(User(is_superuser=True, is_active=False)) == []
    assert not allowed(AnonymousUser(), "buzz-acme", "line-items", "view")


def test_a_person_without_a_role_may_nothing(db):
    nobody = User.objects.create(username="nobody")
    assert may(nobody) == [] and role_of(nobody) == "no role"


def test_the_widest_role_is_the_one_named(lead):
    lead.groups.add(Group.objects.get(name="viewer"))
    assert role_of(lead) == "lead"


def test_a_persons_rules_are_fetched_once(lead, django_assert_num_queries):
    with django_assert_num_queries(1):
        for _ in range(5):
            allowed(lead, "buzz-acme", "line-items", "edit", "name")


def test_a_grant_reaches_only_the_connections_and_resources_it_names(db):
    group = Group.objects.create(name="traders")
    Grant.objects.create(group=group, connection="buzz-*", resource="line-items", actions=["view"])
    user = User.objects.create(username="trader")
    user.groups.add(group)
    assert allowed(user, "buzz-acme", "line-items", "view")
    assert not allowed(user, "autotask-acme", "line-items", "view")
    assert not allowed(user, "buzz-acme", "campaigns", "view")


def test_deny_wins_over_any_grant(lead):
    group = Group.objects.create(name="no-live")
    Grant.objects.create(group=group, connection="buzz-live", actions=["edit"], deny=True)
    lead.groups.add(group)
    assert allowed(lead, "buzz-live", "line-items", "view")
    assert not allowed(lead, "buzz-live", "line-items", "edit")
    assert not allowed(lead, "buzz-live", "line-items", "bulk"), "who may not edit one may not edit many"
    assert row_cap(lead, "buzz-live", "line-items") == 0
    assert allowed(lead, "buzz-acme", "line-items", "bulk")


def test_a_denied_field_leaves_the_rest_of_the_record_open():
    rules = [Rule("*", "*", "*", EDIT), Rule("*", "*", "*_secret", frozenset({Action.VIEW}), deny=True)]
    assert permits(rules, "c", "r", Action.VIEW)
    assert permits(rules, "c", "r", Action.EDIT, "name")
    assert not permits(rules, "c", "r", Action.VIEW, "api_secret")
    assert not permits(rules, "c", "r", Action.EDIT, "api_secret"), "who may not see a field may not edit it"


def test_the_widest_cap_counts():
    bulk = frozenset(Action)
    rules = [Rule("*", "*", "*", bulk, max_rows=10), Rule("c", "*", "*", bulk, max_rows=500)]
    assert cap(rules, "c", "r") == 500 and cap(rules, "d", "r") == 10
    assert cap([*rules, Rule("*", "*", "*", bulk)], "c", "r") is None


names = st.sampled_from(["a", "b", "a*", "*"])
some_rules = st.lists(
    st.builds(
        Rule,
        connection=names,
        resource=names,
        fields=names,
        actions=st.frozensets(st.sampled_from(Action), min_size=1),
        deny=st.booleans(),
        max_rows=st.none() | st.integers(1, 9),
    ),
    max_size=6,
)


@given(some_rules, st.sampled_from(Action), st.sampled_from(["a", "b"]))
def test_one_more_denial_never_opens_anything(rules, action, field):
    denial = Rule("*", "*", "*", frozenset({action}), deny=True)
    for wanted in Action:
        after = permits([*rules, denial], "a", "a", wanted, field)
        assert not after or permits(rules, "a", "a", wanted, field)
        assert not (after and action in NEEDS[wanted])


def test_making_the_roles_again_keeps_what_the_house_has_changed(db):
    grant = Grant.objects.get(group__name="lead")
    grant.max_rows = 7
    grant.save()
    after_migrate(using="default")
    assert list(Grant.objects.filter(group__name="lead").values_list("max_rows", flat=True)) == [7]
    assert Group.objects.filter(name__in=ROLES).count() == len(ROLES)


def test_ensuring_a_person_again_sets_exactly_the_role_and_password(person):
    person("admin")
    user = ensure_staff("admin", "viewer", "another password")
    assert role_of(user) == "viewer" and not user.is_staff and user.check_password("another password")


def test_the_grant_form_offers_actions_as_check_boxes_and_refuses_none(client_as):
    client = client_as("admin")
    page = client.get("/staff/staff/grant/add/").content.decode()
    assert page.count('type="checkbox" name="actions"') == len(ACTIONS)
    group = Group.objects.get(name="viewer").pk
    form = {"group": group, "connection": "buzz-*", "resource": "*", "fields": "*", "max_rows": ""}
    assert client.post("/staff/staff/grant/add/", form).status_code == 200
    assert not Grant.objects.filter(connection="buzz-*").exists()
    assert client.post("/staff/staff/grant/add/", {**form, "actions": ["view", "edit"]}).status_code == 302
    assert Grant.objects.get(connection="buzz-*").actions == ["view", "edit"]
