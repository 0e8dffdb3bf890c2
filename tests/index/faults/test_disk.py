"""A full disk, and a folder that may not be written: the old articles answer, and nothing is lost."""

from __future__ import annotations

import shutil
from collections.abc import Callable

import pytest

from tests.index.faults.conftest import MORE, TOWNS, sound
from tests.index.faults.steps import NO_MOUNT
from tests.index.workshop import Workshop, town, towns

Child = Callable[..., list[str]]


@pytest.mark.parametrize("leave", [0, 50_000, 400_000, 1_500_000] if MORE else [400_000])
def test_a_full_disk(sixty: Workshop, child: Child, leave: int) -> None:
    """On a real file system of twelve megabytes; however little is left, a refresh changes all or nothing."""
    towns(sixty.corpus, range(100, 130))
    sixty.write("town-003.md", town(3, "tunnel"), title="Town003 mends its tunnel")
    steps = [["small disk", 12], ["ask", 7], ["fill", leave], ["refresh"], ["ask", 3], ["ask", 9]]
    again = [
        ["reopen"],
        ["ask", 5],
        ["room"],
        ["ask", 4],
        ["refresh"],
        ["ask", 3],
        ["ask", 110],
        ["doctor"],
        ["back"],
    ]
    gave = child(*steps, *again)
    if gave[0] == NO_MOUNT:
        pytest.skip(NO_MOUNT)
    mounted, first, full, refreshed, three, nine, _, five, room, four, second, changed, new, doctor, back = (
        gave
    )
    assert (mounted, full, room, back) == ("mounted", "full", "room", "copied")
    assert "Town007" in first
    failed = refreshed.startswith("IndexBroken")
    assert failed or refreshed == "added 30, changed 1, removed 0"
    assert not failed or "disk is not full" in refreshed
    assert ("bridge" if failed else "tunnel") in three
    assert "Town009" in nine
    assert "Town005" in five or "disk is not full" in five
    assert "Town004" in four
    assert second == ("added 30, changed 1, removed 0" if failed else "added 0, changed 0, removed 0")
    assert "tunnel" in changed
    assert "Town110" in new
    assert doctor == ""
    shutil.rmtree(sixty.data)
    sixty.data.with_name("aside").rename(sixty.data)
    (sixty.data / "ballast").unlink(missing_ok=True)
    sound(sixty)


@pytest.mark.parametrize("how", ["read only", "permissions"])
def test_a_folder_that_may_not_be_written(sixty: Workshop, child: Child, how: str) -> None:
    towns(sixty.corpus, [100])
    files = [["chmod", str(file), 0o444 if file.is_file() else 0o555] for file in sixty.data.rglob("*")]
    forbid = (
        [["read only"]] if how == "read only" else [["stripped"], *files, ["chmod", str(sixty.data), 0o555]]
    )
    gave = child(*forbid, ["ask", 7], ["refresh"], ["doctor"])
    if gave[0] == NO_MOUNT:
        pytest.skip(NO_MOUNT)
    asked, refreshed, doctor = gave[-3:]
    for said in (asked, refreshed):
        assert said.startswith("IndexBroken")
        assert "writ" in said
    assert "writ" in doctor
    for path in (sixty.data, *sixty.data.rglob("*")):
        path.chmod(0o755)
    sixty.open()
    assert len(sixty.digests()) == TOWNS + 1
    assert len(sixty.refresh().added) == 1
    sixty.close()
    sound(sixty)


def test_permissions_go_while_the_bot_answers(sixty: Workshop, child: Child) -> None:
    towns(sixty.corpus, [100])
    sixty.write("town-003.md", town(3, "tunnel"), title="Town003 mends its tunnel")
    data = str(sixty.data)
    gave = child(
        ["stripped"], ["ask", 7], ["chmod", data, 0o555], ["ask", 3], ["refresh"], ["ask", 9],
        ["chmod", data, 0o755], ["refresh"], ["ask", 3], ["doctor"],
    )  # fmt: skip
    _, seven, _, three, _, nine, _, _, changed, doctor = gave
    assert "Town007" in seven
    assert "bridge" in three
    assert "Town009" in nine
    assert "tunnel" in changed
    assert doctor == ""
    sound(sixty)
