"""The errors that a user can meet.

FootnoteError
├── SettingsError        a setting is unknown or malformed
├── QuestionError        the question cannot be read as one
├── UnknownArticle       no article has this id
├── PageRefused          an address that is not fetched, or a page that could not be
├── UnreadableDraft      a page or a file holds no article that can be read
├── NothingToUndo        there is no earlier state to go back to
├── CorpusMissing        the corpus folder is not there
├── RemovalsRefused      a refresh would remove more than half of the articles
├── BackupRefused        a file is there already, or there is nothing to put into it
├── BackupBroken         a backup that is damaged, or no backup
├── IndexPresent         a backup would take the place of an index that is there
├── RefreshCancelled     a refresh was stopped; nothing changed for readers
├── IndexBusy            another process, or another refresh, holds the index
├── IndexMismatch        the index was built with other settings
├── IndexBroken          the index cannot be read
│   ├── IndexDamaged     the file of the library is not what was written into it
│   └── VectorsAway      the Chroma server does not answer
│       └── VectorsRefused  it answers, and refuses
├── ModelMissing         a model cannot be loaded
├── EmbeddingAway        the embedding model's server does not answer
├── EmbeddingRefused     the embedding model's server refuses, or answers what is no vector
├── WriterAway           the language model's server does not answer
├── WriterRefused        the language model's server refuses
└── CostRefused          a refresh would cost more than is allowed

The message is the sentence that the user sees: what is wrong, and how to mend it.
"""

from __future__ import annotations

from typing import ClassVar


class FootnoteError(Exception):
    """An error that explains itself: `str(error)` is fit to be shown."""

    wrong_use: ClassVar[bool] = False
    """True where the caller can mend it by asking differently (exit code 2), else 3."""
    retry_helps: ClassVar[bool] = False
    """True where the same call may succeed later."""


class SettingsError(FootnoteError):
    """A setting is unknown or malformed."""

    wrong_use = True


class QuestionError(FootnoteError):
    """The question cannot be read as one: empty, too long, only punctuation."""

    wrong_use = True


class UnknownArticle(FootnoteError):
    """No article has this id."""

    wrong_use = True


class PageRefused(FootnoteError):
    """An address that is not fetched, or a page that could not be."""

    wrong_use = True


class UnreadableDraft(FootnoteError):
    """A page or a file holds no article that can be read."""

    wrong_use = True


class NothingToUndo(FootnoteError):
    """There is no earlier state to go back to."""

    wrong_use = True


class CorpusMissing(FootnoteError):
    """The corpus folder is not there or holds nothing that can be read."""

    wrong_use = True


class RemovalsRefused(FootnoteError):
    """A refresh would remove more than half of the articles."""

    wrong_use = True

    def __init__(self, removed: int, kept: int) -> None:
        """`removed` of `removed + kept` indexed articles are no longer in the corpus folder."""
        super().__init__(
            f"This refresh would remove {removed} of {removed + kept} articles, more than half, "
            "so nothing was changed. If the corpus folder is right, run: "
            "footnote refresh --allow-removals"
        )
        self.removed = removed
        self.kept = kept


class BackupRefused(FootnoteError):
    """A file that is to be made is there already, or there is nothing to put into it."""

    wrong_use = True


class BackupBroken(FootnoteError):
    """A backup is damaged, or no backup, or could not be written to its end."""


class IndexPresent(FootnoteError):
    """A backup would take the place of an index that is there."""

    wrong_use = True

    def __init__(self, what: str) -> None:
        """`what`: what is there, and what would take its place, as whole sentences."""
        super().__init__(f"{what} To go on, add --yes.")
        self.what = what


class RefreshCancelled(FootnoteError):
    """A refresh was stopped before its end."""

    retry_helps = True


class IndexBusy(FootnoteError):
    """Another process, or another refresh, holds the index."""

    retry_helps = True


class IndexMismatch(FootnoteError):
    """The index was built with other settings than those in force."""


class IndexBroken(FootnoteError):
    """The index cannot be read and could not be repaired by itself."""


class IndexDamaged(IndexBroken):
    """The file of the library is not what was written into it."""


class VectorsAway(IndexBroken):
    """The Chroma server does not answer, or has no vectors of this index yet; nothing is lost."""

    retry_helps = True


class VectorsRefused(VectorsAway):
    """The Chroma server does not take the token, or its certificate is not believed."""

    retry_helps = False


class ModelMissing(FootnoteError):
    """An embedding model, or a language model, cannot be loaded."""


class EmbeddingAway(FootnoteError):
    """The embedding model's server does not answer, or asks to be left alone for a while."""

    retry_helps = True

    def __init__(self, message: str, *, late: bool = False) -> None:
        """`late`: the time for a request ran out, so that a smaller one may pass."""
        super().__init__(message)
        self.late = late


class EmbeddingRefused(FootnoteError):
    """The embedding model's server refuses a request, or answers what cannot be used as vectors."""

    def __init__(self, message: str, *, divisible: bool = False) -> None:
        """`divisible`: it may be about one text of a batch, so that the others alone may pass."""
        super().__init__(message)
        self.divisible = divisible


class WriterAway(FootnoteError):
    """The language model's server does not answer, or stops in the middle, or asks to be left alone."""

    retry_helps = True


class WriterRefused(FootnoteError):
    """The language model's server refuses a request: the key, the model's name, or what it is asked."""


class CostRefused(FootnoteError):
    """A refresh would cost more than the settings allow."""

    wrong_use = True

    def __init__(self, passages: int, tokens: int, cost: float, budget: float) -> None:
        """An estimate, and the amount that it is above."""
        super().__init__(
            f"This refresh would send {passages:,} passages (about {tokens:,} tokens) to the embedding model "
            f"for about {cost:.4g}, more than the {budget:.4g} of FOOTNOTE_EMBEDDING_BUDGET, so nothing was "
            "changed. To go on, run: footnote refresh --allow-cost"
        )
        self.passages, self.tokens, self.cost, self.budget = passages, tokens, cost, budget
