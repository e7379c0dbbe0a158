"""The documented JSON of suggestions (docs/interfaces.md, "Suggestion")."""

from evidence.suggesting import SuggestionView
from evidence.views import Words, span_json
from evidence.zones import to_utc_iso


def suggestion_json(view: SuggestionView, words: Words) -> dict[str, object]:
    """Return the documented JSON of a suggestion; ``words`` renders notes in the reader's language."""
    one = view.suggestion
    return {
        "sha256": one.digest,
        "case_no": one.case_no,
        "step_no": one.step_no,
        "procedure": view.procedure,
        "score": one.score,
        "ground": one.ground.value,
        "overlap": span_json(one.overlap),
        "why": [words(reason) for reason in one.why],
        "suggested_at": to_utc_iso(view.suggested_at),
    }
