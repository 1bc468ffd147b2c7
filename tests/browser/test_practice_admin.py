"""Journey J9 in a real browser: an administrator looks after people and how they get in."""

import re

from django.core import mail
from playwright.sync_api import expect

from apps.authentication.services import lockout
from apps.foundation.audit.models import AuditLog
from tests.browser.conftest import Stage, enter_password
from tests.browser.eyes import fits, shoot
from tests.cast import PASSWORD

PEOPLE = "/settings/people/"


def actions(stage: Stage) -> set[str]:
    with stage.behind():
        return set(AuditLog.objects.filter(practice_id=stage.cast.highland.id).values_list("action", flat=True))


def test_a_colleague_is_invited_joins_and_is_changed(stage: Stage) -> None:
    """Steps 1 and 2."""
    admin = stage.sign_in("admin", "/settings/")
    admin.get_by_role("navigation", name="Settings").get_by_role("link", name="People").click()
    expect(admin.locator("h1")).to_have_text("People")
    shoot(admin, "people")
    fits(admin)
    admin.get_by_role("link", name="Invite a colleague").click()
    admin.get_by_label("Full name").fill("Ada Novak")
    admin.get_by_label("Work e-mail").fill("ada@new.example")
    admin.get_by_label("Role").select_option("nurse")
    admin.get_by_label("Also bills").check()
    shoot(admin, "invite")
    fits(admin)
    admin.get_by_role("button", name="Send the invitation").click()
    expect(admin.locator("#messages")).to_contain_text("The invitation was sent.")
    shoot(admin, "invited")
    fits(admin)
    text = f"{mail.outbox[-1].subject} {mail.outbox[-1].body}"
    assert not re.search(r"Okafor|Lindqvist|patient|MRN", text, re.IGNORECASE)
    link = re.search(r"https?://\S+", text)
    assert link

    invited = stage.open()
    invited.goto("/" + link[0].split("/", 3)[3])
    assert "secret" not in invited.url
    expect(invited.locator("h1")).to_have_text(f"Join {stage.cast.highland.name}")
    shoot(invited, "accept")
    fits(invited)
    invited.get_by_label("Password", exact=True).fill("too short")
    invited.get_by_label("Password again").fill("too short")
    invited.get_by_role("button", name="Make my account").click()
    expect(invited.locator(".error").first).to_contain_text("too short")
    invited.get_by_label("Password", exact=True).fill(PASSWORD)
    invited.get_by_label("Password again").fill(PASSWORD)
    invited.get_by_role("button", name="Make my account").click()
    expect(invited.locator("#messages")).to_contain_text("Your account is ready")
    enter_password(invited, "ada@new.example", PASSWORD)
    invited.wait_for_url("**/triage/**")
    assert invited.goto(PEOPLE).status == 403  # type: ignore[union-attr]
    invited.goto("/account/")
    expect(invited.locator("main")).to_contain_text("Nurse")
    shoot(invited, "account")
    fits(invited)

    admin.goto(PEOPLE)
    admin.get_by_role("link", name="Ada Novak").click()
    expect(admin.locator("h1")).to_contain_text("Ada Novak")
    shoot(admin, "person")
    fits(admin)
    admin.get_by_label("Role").select_option("clinical_manager")
    admin.get_by_role("button", name="Save").click()
    expect(admin.locator("#messages")).to_contain_text("Saved")
    assert {"invitation.create", "invitation.accept", "member.role_change"} <= actions(stage)

    admin.get_by_text("They no longer work here…").click()
    shoot(admin, "person-open")
    admin.get_by_role("button", name="Deactivate Ada Novak").click()
    expect(admin.locator("main")).to_contain_text("No longer")
    invited.goto("/triage/")
    expect(invited).to_have_url(re.compile("/account/login/"))


def test_a_locked_colleague_is_let_in_again(stage: Stage, monkeypatch: object) -> None:
    """Step 3: five wrong passwords, the right one refused, cleared by the administrator."""
    waited: list[float] = []
    monkeypatch.setattr(lockout, "pause", waited.append)  # type: ignore[attr-defined]
    email = stage.cast.highland.email("nurse")
    nurse = stage.open()
    for _attempt in range(5):
        enter_password(nurse, email, "Wrong-horse-7-battery")
        expect(nurse.get_by_role("alert")).to_contain_text("not correct")
    enter_password(nurse, email, PASSWORD)
    expect(nurse.locator("main")).to_contain_text("minutes")
    assert waited == sorted(waited)
    assert waited[-1] > waited[0]

    admin = stage.sign_in("admin", PEOPLE)
    row = admin.get_by_role("row").filter(has_text=email)
    expect(row).to_contain_text("locked until")
    shoot(admin, "people-locked")
    row.get_by_role("link").click()
    expect(admin.get_by_role("button", name="Let them try again")).to_be_visible()
    shoot(admin, "person-locked")
    admin.get_by_role("button", name="Let them try again").click()
    expect(admin.locator("#messages")).to_contain_text("They may try to sign in again.")
    enter_password(nurse, email, PASSWORD)
    nurse.wait_for_url("**/triage/**")
    assert {"auth.login_failed", "auth.locked_out", "auth.lockout_cleared"} <= actions(stage)
    assert nurse.goto(PEOPLE).status == 403  # type: ignore[union-attr]


def test_one_device_at_a_time(stage: Stage) -> None:
    """Step 7: the second sign-in ends the first."""
    admin = stage.sign_in("admin", "/settings/security/")
    shoot(admin, "security")
    fits(admin)
    admin.get_by_label("One device at a time").check()
    admin.get_by_role("button", name="Save").click()
    expect(admin.locator("#messages")).to_contain_text("Saved")
    first = stage.sign_in_by_form("provider")
    second = stage.sign_in_by_form("provider")
    first.goto("/triage/")
    expect(first).to_have_url(re.compile("/account/login/"))
    second.goto("/triage/")
    expect(second).to_have_url(re.compile("/triage/"))
    assert second.goto("/settings/security/").status == 403  # type: ignore[union-attr]
    assert "practice.sign_in_policy_change" in actions(stage)


def test_an_api_key_is_issued_and_revoked(stage: Stage) -> None:
    """Step 8."""
    admin = stage.sign_in("admin", "/settings/")
    admin.get_by_role("navigation", name="Settings").get_by_role("link", name="API keys").click()
    expect(admin.locator("h1")).to_contain_text("API keys")
    shoot(admin, "api-keys")
    fits(admin)
    admin.get_by_role("link", name="Issue a key").click()
    admin.get_by_label("Name").fill("The export service")
    admin.locator("input[name=scopes]").first.check()
    admin.get_by_role("button", name="Issue").click()
    expect(admin.get_by_label("Key", exact=True)).to_have_value(re.compile("^vxk_"))
    admin.get_by_role("link", name="Done").click()
    expect(admin.get_by_label("Key", exact=True)).to_have_count(0)
    admin.get_by_role("button", name="Revoke").click()
    expect(admin.locator("#messages")).to_contain_text("The key was revoked.")
    assert {"auth.api_key_issued", "auth.api_key_revoked"} <= actions(stage)
    nurse = stage.sign_in("nurse")
    assert nurse.goto("/settings/api-keys/").status == 403  # type: ignore[union-attr]


def test_the_administration_is_for_administrators(stage: Stage) -> None:
    """Step 10; what it shows and changes is tried in tests/views/admin and test_admin.py."""
    admin = stage.sign_in("admin", "/admin/")
    expect(admin.locator("#content")).to_be_visible()
    admin.goto("/admin/audit/auditlog/")
    expect(admin.locator("#changelist")).to_be_visible()
    assert admin.locator("select[name=action] option[value=delete_selected]").count() == 0
    for role in ("clinical_manager", "biller"):
        other = stage.sign_in(role)
        assert other.goto("/admin/").status == 403  # type: ignore[union-attr]


def test_the_language_is_switched_and_stays(stage: Stage) -> None:
    """Step 11: from any page, for every page of this browser, dates included, and back again."""
    admin = stage.sign_in("admin", f"/patients/{stage.calm}/")
    born = admin.locator("dt", has_text="Born").locator("+ dd").inner_text()
    admin.locator(".topbar-end details.menu summary").last.click()
    admin.get_by_role("button", name="Español").click()
    expect(admin).to_have_url(re.compile(f"/patients/{stage.calm}/$"))
    expect(admin.locator("html")).to_have_attribute("lang", "es")
    expect(admin.get_by_role("navigation", name="Principal").get_by_role("link", name="Pacientes")).to_be_visible()
    expect(admin.locator("dt", has_text="Nacimiento").locator("+ dd")).not_to_have_text(born)
    admin.goto("/settings/")
    expect(admin.locator("h1")).to_have_text("Ajustes del consultorio")
    fits(admin)
    admin.locator(".topbar-end details.menu summary").last.click()
    admin.get_by_role("button", name="English").click()
    expect(admin.locator("h1")).to_have_text("Practice settings")
