"""CareLens from the command line: accounts, tables, the demo clinic, health.

Exit code 0: done; 1: it could not be done, and why; 2: the command makes no sense.
"""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import requests
from pydantic import ValidationError

from core.errors import CareLensError, InvalidInput
from core.people import accounts
from core.people.policy import ROLES


def _password(args: argparse.Namespace) -> str:
    """The new password: the first line of standard input where asked for, else typed twice, unseen."""
    if args.password_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    first = getpass.getpass("New password: ")
    if getpass.getpass("Once more: ") != first:
        raise InvalidInput("The two passwords differ.", "Nothing was changed.")
    return first


def _create_account(args: argparse.Namespace) -> None:
    made = accounts.create_account(email=args.email, password=_password(args), name=args.name, role=args.role)
    print(f"Made the {made.role} account of {made.name}, {made.email}.")


def _list_accounts(_: argparse.Namespace) -> None:
    for account in accounts.list_accounts():
        off = " (switched off)" if account.disabled_at else ""
        print(f"{account.role:8}{account.email:40} {account.created_at:%Y-%m-%d}  {account.name}{off}")


def _set_password(args: argparse.Namespace) -> None:
    accounts.find_account(args.email)  # before anyone types a password for nothing
    accounts.set_password(args.email, _password(args))
    print("The password is changed, and the account is signed out everywhere.")


def _erase_account(args: argparse.Namespace) -> None:
    from core.records.erase import erase_account_by_id

    account = accounts.find_account(args.email)
    if not args.yes:
        print(f"This erases the account of {account.name}, {account.email}, with everyone, every photo and every finding in it.")
        if input("Type the e-mail address to go on: ").strip().casefold() != account.email:
            raise InvalidInput("That is another address.", "Nothing was erased.")
    gone = erase_account_by_id(account.id)
    left = f" {gone.persons_left} stay with another account." if gone.persons_left else ""
    print(f"Erased the account, {gone.persons} people and {gone.findings} findings.{left}")


def _reset_link(args: argparse.Namespace) -> None:
    from core.people import links
    from core.settings import settings

    try:
        settings().refuse_default_secret()
    except ValueError as error:
        raise InvalidInput("The running app would not know this link: it is made with the secret of the app.", str(error)) from None
    print(f"This link works once, for {int(links.LIFE.total_seconds() // 60)} minutes. Give it to nobody but its owner:")
    print(links.reset_link(args.email))


def _disable_totp(args: argparse.Namespace) -> None:
    from core.people import second_factor

    there = second_factor.disable_for(args.email)
    print("The second step is off: the password alone signs in." if there else "This account has no second step; nothing was changed.")


def _mail_test(args: argparse.Namespace) -> None:
    from core.people import mail

    if not mail.configured():
        raise CareLensError("No mail server is set up.", "Set CARELENS_SMTP_URL, CARELENS_MAIL_FROM and CARELENS_BASE_URL.")
    mail.send(mail.Mail(args.to, "A test mail from CareLens", "If you read this, CareLens can send mail."))
    print("The mail server took the mail.")


def _migrate(_: argparse.Namespace) -> None:
    from core.records.database import migrate

    migrate()
    print("The database is up to date.")


def _check(args: argparse.Namespace) -> None:
    from core.records.check import check

    report = check(repair=args.repair)
    done = ", removed" if report.swept else " (--repair removes them)"
    for count, what in (
        (report.pictures, "Pictures that belong to no finding"),
        (report.half_written, "Files that were never finished"),
        (report.unfinished, "Pictures of findings that were erased"),
    ):
        print(f"{what}: {count}{done if count else ''}")
    for one in report.missing:
        print(f"Finding {one.record_id}: its {one.what} is not in the photo store.")
    for sentence in report.damage:
        print(sentence)
    if not report.sound:
        raise CareLensError("Not everything is in order.", "The lines above say what.")
    print("Everything is in order.")


def _backup(args: argparse.Namespace) -> None:
    from core.records.backup import backup

    done = backup(args.file)
    print(f"Saved {done.rows} rows and {done.pictures} pictures.")
    if done.damaged:
        raise CareLensError(
            f"{done.damaged} pictures were missing or damaged; all else is saved.", "core.admin check says which are missing."
        )


def _restore(args: argparse.Namespace) -> None:
    from core.records.backup import restore

    done = restore(args.file)
    print(f"Put back {done.rows} rows and {done.pictures} pictures. Who was signed in when it was saved is signed in again.")


def _export_corrections(args: argparse.Namespace) -> None:
    from core.records.training import export_corrections

    done = export_corrections(args.folder)
    print(f"Wrote {done.outlines} corrected outlines of {done.photos} photos, of those only who said yes, without names, numbers or dates.")
    print("These are photos of people. Delete the folder when it was used: whoever takes their word back later cannot reach it.")
    if done.missing:
        raise CareLensError(f"{done.missing} outlines were left out: pictures are missing.", "core.admin check says which.")


def _demo_reset(_: argparse.Namespace) -> None:
    from core.demo.people import demo_reset

    demo_reset()
    print("The demo clinic is back to its first day.")


def _health(args: argparse.Namespace) -> None:
    address = args.url.rstrip("/")
    address = address if address.endswith("/healthz") else f"{address}/healthz"
    try:
        answer = requests.get(address, timeout=args.timeout)
        facts = answer.json()
    except (requests.RequestException, ValueError) as error:
        raise CareLensError(f"There is no CareLens at {address} ({type(error).__name__}).", "Is it running?") from None
    for part, state in facts.items() if isinstance(facts, dict) else ():
        if isinstance(state, dict):
            for name, inner in state.items():
                shown = " ".join(str(value) for value in inner.values() if value) if isinstance(inner, dict) else inner
                print(f"{part}/{name}: {shown}")
        else:
            print(f"{part}: {state}")
    if not answer.ok:
        raise CareLensError(f"Something is not well (status {answer.status_code}).", "The lines above say what.")


def parser() -> argparse.ArgumentParser:
    """The commands and their options."""
    top = argparse.ArgumentParser(prog="python -m core.admin", description="Run CareLens: accounts, tables, the demo clinic, health.")
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, does: Callable[[argparse.Namespace], None], what: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=what, description=what)
        made.set_defaults(does=does)
        return made

    create = command("create-account", _create_account, "Make an account of any role; asks for its password.")
    create.add_argument("--role", required=True, choices=ROLES)
    create.add_argument("--name", required=True)
    command("list-accounts", _list_accounts, "List role, e-mail address, day made and name of every account.")
    change = command("set-password", _set_password, "Give an account a new password and sign it out everywhere.")
    link = command("reset-link", _reset_link, "Make a link with which an account chooses a new password.")
    off = command("disable-totp", _disable_totp, "Turn off the second step of an account whose owner lost phone and recovery codes.")
    erase = command("erase-account", _erase_account, "Erase an account for good, with its people, photos and findings; asks first.")
    erase.add_argument("--yes", action="store_true", help="do not ask")
    for made in (create, change, link, off, erase):
        made.add_argument("--email", required=True)
    for made in (create, change):
        made.add_argument("--password-stdin", action="store_true", help="read the password from standard input")
    command("mail-test", _mail_test, "Send a test mail.").add_argument("--to", required=True)
    command("migrate", _migrate, "Make or update the tables.")
    check = command("check", _check, "Look for leftovers of crashes, a day old or more, and for findings without their pictures.")
    check.add_argument("--repair", action="store_true", help="remove the leftovers; findings are never removed")
    save = command("backup", _backup, "Save every row and every picture in one new file; the app may go on running.")
    load = command("restore", _restore, "Put a backup back into an empty database and an empty photo store.")
    for made in (save, load):
        made.add_argument("file", type=Path, metavar="FILE")
    hand = command("export-corrections", _export_corrections, "Write corrected outlines as training data, where their person said yes.")
    hand.add_argument("folder", type=Path, metavar="DIR", help="a new or empty folder")
    command("demo-reset", _demo_reset, "Put the demo clinic back to its first day; refuses any other database.")
    health = command("health", _health, "Ask a running CareLens how it is.")
    health.add_argument("--url", default="http://localhost:8501")
    health.add_argument("--timeout", type=float, default=5.0, help="seconds")
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; argparse itself ends with 2 for a usage error."""
    args = parser().parse_args(arguments)
    try:
        args.does(args)
    except CareLensError as error:
        print(f"{error.reason} {error.hint}".strip(), file=sys.stderr)
        return 1
    except ValidationError as error:  # of the settings; their values may be secret and are not told
        wrong = "; ".join(f"CARELENS_{str(one['loc'][0]).upper()}: {one['msg']}" if one["loc"] else one["msg"] for one in error.errors())
        print(f"A setting cannot be used. {wrong}.", file=sys.stderr)
        return 1
    except (EOFError, KeyboardInterrupt):
        print("Stopped; nothing was changed.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
