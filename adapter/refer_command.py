"""The command of a facility without FHIR: `iop-adapter refer` sends its documents and a small form to a program.

It runs on the facility's machine, on the files that it is given; it opens no store, and can reach none.
"""

from __future__ import annotations

import asyncio
import inspect
import mimetypes
import tomllib
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from adapter.problems import Kind, Problem
from adapter.referral.form_fields import FIELDS
from adapter.terminal import chosen_settings, problems_told, tell

if TYPE_CHECKING:
    from adapter.remote.backend import Key
    from adapter.remote.facility import Facility, Handed

SCOPE = "system/*.rs system/Bundle.c"
PAUSE = 5.0
"""Seconds between two looks at a Task that is waited for."""
Document = Annotated[
    list[Path] | None,
    typer.Option(help="A file: C-CDA, PDF, image or text; may be repeated.", exists=True, dir_okay=False),
]
Consent = Annotated[Path | None, typer.Option(help="The signed form of a consent.", exists=True, dir_okay=False)]
FormFile = Annotated[
    Path | None,
    typer.Option(
        help="A TOML file with the fields below, which no list of processes shows.", exists=True, dir_okay=False
    ),
]
Seconds = Annotated[float, typer.Option(min=0, help="Look so many seconds whether the Task moves.")]
Status = Annotated[str | None, typer.Option(help="Send nothing: say how this Task (its address or id) stands.")]


def with_fields(command: Callable[..., None]) -> Callable[..., None]:
    """The command, with an option for every field of the form."""
    hints = get_type_hints(command, include_extras=True)
    own = [one.replace(annotation=hints[one.name]) for one in inspect.signature(command).parameters.values()][:-1]
    said = {name: Annotated[str | None, typer.Option(help=field.means)] for name, field in FIELDS.items()}
    more = [inspect.Parameter(name, own[0].kind, default=None, annotation=of) for name, of in said.items()]
    # What inspect, and so Typer, reads.
    command.__signature__ = inspect.Signature([*own, *more])  # type: ignore[attr-defined]
    command.__annotations__ = {**hints, **said}
    return command


@with_fields
def refer(
    *,
    to: Annotated[str, typer.Option(help="The program's FHIR API, https://.../fhir.")],
    client: Annotated[str, typer.Option(help="What you are called there (client_id).")],
    key: Annotated[Path, typer.Option(help="Your private key, from `client keys`.", exists=True, dir_okay=False)],
    document: Document = None,
    consent: Consent = None,
    form: FormFile = None,
    wait: Seconds = 0,
    status: Status = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be sent and refused; send nothing.")
    ] = False,
    **fields: str | None,
) -> None:
    """Refer a person to a program by documents and a small form; sent again, it is the same referral.

    Exit code 0: taken, now or before. 1: refused, with the reasons. 2: the command is not as it can be.
    """
    said = (_in_file(form) if form else {}) | {name: value for name, value in fields.items() if value is not None}
    paths = [*(("document", path) for path in document or ()), *([("consent", consent)] if consent else [])]
    if bool(said or paths) == bool(status):
        raise typer.BadParameter("give the form and documents of a referral, or the --status of one that was sent")
    with problems_told():
        if status:
            asyncio.run(_look(to, client, _key(key), status.rstrip("/").rpartition("/")[2], wait))
            return
        handed = _handed(said, paths)
        if dry_run:
            typer.echo("\n".join(_shown(to, handed)))
            _rehearse(to, handed)
            return
        asyncio.run(_send(to, client, _key(key), handed, wait))


def _key(path: Path) -> Key:
    from adapter.remote.backend import saved

    return saved(path)


def _in_file(path: Path) -> dict[str, str]:
    try:
        said = tomllib.loads(path.read_text("utf-8"))
    except ValueError as wrong:
        raise typer.BadParameter(f"{path} is not TOML: {wrong}", param_hint="--form") from None
    for name, value in said.items():
        if name not in FIELDS or not isinstance(value, str | date):
            why = "is a text or a day" if name in FIELDS else f"is no field; there are {', '.join(FIELDS)}"
            raise typer.BadParameter(f"{name!r} {why}", param_hint="--form")
    return {name: value if isinstance(value, str) else value.isoformat() for name, value in said.items()}


def _handed(said: dict[str, str], paths: list[tuple[str, Path]]) -> Handed:
    """What is sent; Problem(UNPROCESSABLE) for files that no server would take."""
    from adapter.referral.files import File, wrong_with
    from adapter.remote.facility import Handed

    files = [
        File(field, path.name, mimetypes.guess_type(path.name)[0] or "", path.read_bytes()) for field, path in paths
    ]
    wrong = [issue for file, (_, path) in zip(files, paths, strict=True) if (issue := wrong_with(file, str(path)))]
    if wrong:
        raise Problem(Kind.UNPROCESSABLE, wrong[0].message, wrong[0].expression, issues=wrong)
    parts = [(file.field, file.name, file.media or "application/octet-stream", file.data) for file in files]
    return Handed([*said.items()], parts)


def _shown(to: str, handed: Handed) -> Iterator[str]:
    yield f"POST {to.rstrip('/')}/$submit-referral"
    yield from (f"  {name}: {value}" for name, value in handed.fields)
    yield from (f"  {field}: {name} ({media}, {len(data):,} bytes)" for field, name, media, data in handed.files)


def _rehearse(to: str, handed: Handed) -> None:
    """Say what the server would say, as far as that is known here; its refusal is a Problem."""
    from adapter.referral.files import File
    from adapter.referral.rehearsal import SERVER_SAYS, rehearsed

    files = [File(*one) for one in handed.files]
    for issue in rehearsed(chosen_settings(), to, handed.fields, files, datetime.now(UTC)):
        tell(f"  {issue.expression}: {issue.message}")
    tell("only the server can say:")
    for one in SERVER_SAYS:
        tell(f"  {one}")


async def _send(to: str, client: str, key: Key, handed: Handed, wait: float) -> None:
    async def work(facility: Facility) -> None:
        from adapter.remote.facility import told

        taken = await facility.refer(handed)
        tell("taken before: nothing was made anew" if taken.again else "taken")
        for place, sentence in told(taken.outcome):
            tell(f"  {place}: {sentence}" if place else f"  {sentence}")
        await _follow(facility, taken.task, wait)

    await _connected(to, client, key, work)


async def _look(to: str, client: str, key: Key, task: str, wait: float) -> None:
    async def work(facility: Facility) -> None:
        await _follow(facility, await facility.task(task), wait)

    await _connected(to, client, key, work)


async def _follow(facility: Facility, task: dict[str, Any], wait: float) -> None:
    """Print where the Task is, and how it stands, once it has moved or was waited for long enough."""
    until, first = monotonic() + wait, task
    while task == first and (left := until - monotonic()) > 0:
        await asyncio.sleep(min(PAUSE, left))
        task = await facility.task(task["id"])
    typer.echo(f"{facility.base}/Task/{task['id']}")
    codings = (task.get("businessStatus") or {}).get("coding") or [{}]
    typer.echo(" ".join(filter(None, (str(task.get("status")), codings[0].get("display", "")))))
    if task.get("status") == "received":
        tell("a Task that stays as it is means nothing: without a consent that names you, you are told no more")


async def _connected(to: str, client: str, key: Key, work: Callable[[Facility], Any]) -> None:
    """Have work done; what the server says against it is told, and ends the program with exit code 1."""
    from adapter.remote.facility import Facility, line_to, said_against
    from adapter.remote.faults import Fault
    from adapter.remote.tokens import Identity

    try:
        async with line_to(to, Identity(client, key, SCOPE), lambda: datetime.now(UTC)) as line:
            await work(Facility(to, line))
    except Fault as fault:
        for place, sentence in said_against(fault):
            tell(f"{place}: {sentence}" if place else sentence)
        raise
