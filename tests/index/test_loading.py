"""Heavy packages are loaded without a search for garbage, which is then as it was."""

from __future__ import annotations

import gc

import pytest

from index.loading import heavy


@pytest.mark.parametrize("enabled", [True, False])
def test_garbage_is_searched_for_again_after_it(enabled: bool) -> None:
    (gc.enable if enabled else gc.disable)()
    try:
        with heavy():
            assert not gc.isenabled()
        assert gc.isenabled() == enabled
        with pytest.raises(ImportError), heavy():
            raise ImportError
        assert gc.isenabled() == enabled
    finally:
        gc.enable()
        gc.unfreeze()
