"""The stage and the closing day of a deal, as they are said."""

import re
from functools import cache

from agents.planner.lexicon.stages import match_stage, stage_aliases
from agents.planner.scene import Scene
from agents.planner.text import Span


@cache
def _patterns(stages: tuple[str, ...]) -> tuple[tuple[str, re.Pattern[str], str], ...]:
    """Every phrase for a stage with its pattern, the longest first."""
    aliases = stage_aliases(stages)
    return tuple(
        (phrase, re.compile(rf"(?<![\w-]){re.escape(phrase)}(?![\w-])"), aliases[phrase])
        for phrase in sorted(aliases, key=len, reverse=True)
    )


def find_stage(scene: Scene, *, before: int | None = None) -> Span | None:
    """A stage by name, alias or near misspelling, outside quotes and record names; the last mention counts."""
    covered = scene.sentence.of("quoted", "email") + [
        s
        for s in scene.sentence.of("name")
        if s.value[0].score >= 0.7 and s.value[0].record.kind != "product"
    ]
    best: Span | None = None
    low = scene.low[:before]
    for phrase, pattern, stage in _patterns(scene.world.deal_stages):
        for match in pattern.finditer(low) if phrase in low else ():
            span = Span("stage", *match.span(), stage)
            inside = best is not None and span.overlaps(best)
            if inside or any(span.overlaps(c) for c in covered):
                continue
            if (
                best is None
                or (span.start > best.start and _after_to(scene, span))
                or not _after_to(scene, best)
            ):
                best = span if best is None or _after_to(scene, span) else best
    return best or _misspelt(scene)


def _after_to(scene: Scene, span: Span) -> bool:
    return (
        re.search(r"\b(?:to|into|in|at|as|is|stage)\s+(?:the\s+|closed[- ]?)?$", scene.low[: span.start])
        is not None
    )


def _misspelt(scene: Scene) -> Span | None:
    for match in re.finditer(r"\b(?:to|into|in|at|as|stage)\s+(?:the\s+)?([a-z]{6,})\b", scene.low):
        stage = match_stage(match.group(1), scene.world.deal_stages)
        if stage:
            return Span("stage", *match.span(1), stage)
    return None


def close_date(scene: Scene) -> tuple[str, Span] | None:
    """The day a deal closes; of a period its last day."""
    for span in scene.sentence.of("date"):
        return span.value.coming.isoformat(), span
    for span in scene.sentence.of("period"):
        return span.value[1].isoformat(), span
    return None
