"""Flags for settings: a command that takes `settings` gets one flag for each of them."""

import inspect
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Annotated, Any, TypeVar

import typer

from berth.settings import SETTINGS, Setting, read_settings

PANEL = "Settings"

STORE = ("database_url", "data_dir", "secret_key", "former_secret_keys", "log_level")
"""What a command needs that works on the database and leaves again."""
EVERY = tuple(setting.field for setting in SETTINGS)

Loss = Annotated[float, typer.Option(min=0, max=0.9, help="Share of datagrams lost.")]
Duplicate = Annotated[float, typer.Option(min=0, max=1, help="Share of datagrams delivered twice.")]
Reorder = Annotated[
    float, typer.Option(min=0, max=1, help="Share of datagrams held back a little.")
]

R = TypeVar("R")


def takes_settings(*names: str) -> Callable[[Callable[..., R]], Callable[..., R]]:
    """Replace the command's parameter `settings` by a flag for each setting in `names`.

    The flags' texts are parsed with the environment's, so both give the same errors.
    """

    def decorate(command: Callable[..., R]) -> Callable[..., R]:
        return _with_flags(
            command, "settings", names, lambda flags: {"settings": read_settings(flags=flags)}
        )

    return decorate


def gives_flags() -> Callable[[Callable[..., R]], Callable[..., R]]:
    """Replace the parameter `flags` by a flag for every setting; the texts come unparsed."""

    def decorate(command: Callable[..., R]) -> Callable[..., R]:
        return _with_flags(command, "flags", EVERY, lambda flags: {"flags": flags})

    return decorate


def _with_flags(
    command: Callable[..., R],
    replaced: str,
    names: Sequence[str],
    made: Callable[[dict[str, str | None]], dict[str, Any]],
) -> Callable[..., R]:
    chosen = [setting for setting in SETTINGS if setting.field in names]
    assert len(chosen) == len(set(names)), "every name is a setting's"

    @wraps(command)
    def with_flags(**given: Any) -> R:
        flags = {setting.field: given.pop(setting.field) for setting in chosen}
        return command(**made(flags), **given)

    _announce(with_flags, command, replaced, chosen)
    return with_flags


def _announce(
    wrapper: Any, command: Callable[..., Any], replaced: str, chosen: list[Setting]
) -> None:
    """Let typer, which reads signatures, see the flags."""
    own = inspect.signature(command, eval_str=True)
    kept = [
        parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        for parameter in own.parameters.values()
        if parameter.name != replaced
    ]
    parameters = kept + [_parameter(setting) for setting in chosen]
    wrapper.__signature__ = inspect.Signature(parameters, return_annotation=own.return_annotation)
    wrapper.__annotations__ = {each.name: each.annotation for each in parameters}
    del wrapper.__wrapped__


def _parameter(setting: Setting) -> inspect.Parameter:
    default = f" Default: {setting.default}." if setting.default else ""
    option = typer.Option(
        setting.flag,
        help=f"{setting.about}{default} {setting.variable}.",
        metavar=setting.kind.placeholder,
        rich_help_panel=PANEL,
        show_default=False,
    )
    return inspect.Parameter(
        setting.field,
        inspect.Parameter.KEYWORD_ONLY,
        default=None,
        annotation=Annotated[str | None, option],
    )
