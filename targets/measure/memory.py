"""Readings are remembered under the state of the facts that they come from: never stale, and counted once.

A key says everything that an answer depends on: the rule itself, the day, the moment of knowledge, the program, and the
state of the parts of the facts. The first to be asked are the answers that this process has used lately, then those
that all processes share (the cache `answers`). Neither is ever emptied for being wrong: what is no longer asked is
pushed out by what is. What is missing is counted together, in one snapshot.

What a transaction sees that has itself written is for nobody else: it is counted anew each time and not kept. (Within
it a title may even stand before its enterprise, as foreign keys are checked at its end.)
"""

import hashlib
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from django.conf import settings
from django.core.cache import caches
from django.db import transaction

from registry import past, state
from registry.recent import Key, Recent
from registry.state import State
from targets.measure.parts import parts_of
from targets.measure.planning import whole_sets

Answer = TypeVar("Answer")
# A rule and a day, and whatever else tells what is asked of them.
Question = tuple[Any, ...]

SHARED = "answers"


def fingerprint() -> str:
    """The program that counts: all of registry and targets, as one function may lead to any other."""
    digest = hashlib.sha256()
    for package in ("registry", "targets"):
        for path in sorted((Path(settings.BASE_DIR) / package).rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()


PROGRAM = fingerprint()


RECENT = Recent(settings.ANSWERS_IN_PROCESS)


def remembered(
    questions: Iterable[Question], compute: Callable[[list[Question]], dict[Question, Answer]]
) -> dict[Question, Answer]:
    """The answers to all questions; those that nobody remembers are computed together."""
    asked = list(dict.fromkeys(questions))
    before = state.read()
    if before.written:
        with whole_sets():
            return compute(asked)
    found: dict[Question, Answer] = recall(asked, before)
    if len(found) < len(asked):
        found = _with_missing(asked, found, before, compute)
    return found


def _with_missing(
    asked: list[Question],
    found: dict[Question, Answer],
    before: State,
    compute: Callable[[list[Question]], dict[Question, Answer]],
) -> dict[Question, Answer]:
    with whole_sets():
        now = state.read()
        if now != before:
            found = recall(asked, now)
        fresh = compute([question for question in asked if question not in found])
    _keep(fresh, now, state.read())
    return found | fresh


def _keep(fresh: dict[Question, Any], before: State, after: State) -> None:
    """Keep the answers whose facts were the same before and after.

    In a transaction of a caller's a commit may have come in between, and TRUNCATE shows in every snapshot.
    """
    keys = {question: key_of(question, before) for question in fresh}
    answers = {key: fresh[one] for one, key in keys.items() if key == key_of(one, after)}
    RECENT.set_many(answers)
    if answers:
        shared = {digest_of(key): answer for key, answer in answers.items()}
        # After a caller's transaction, whose end the others would have to wait for; and what fails here is no answer.
        transaction.on_commit(partial(caches[SHARED].set_many, shared), robust=True)


def recall(asked: Iterable[Question], now: State) -> dict[Question, Any]:
    """What is remembered of some questions under a state of the facts."""
    keys = {question: key_of(question, now) for question in asked}
    found = RECENT.get_many(keys.values())
    elsewhere = {digest_of(key): key for key in keys.values() if key not in found}
    if elsewhere:
        shared = caches[SHARED].get_many(elsewhere)
        answers = {elsewhere[digest]: answer for digest, answer in shared.items()}
        RECENT.set_many(answers)
        found |= answers
    return {question: found[key] for question, key in keys.items() if key in found}


def key_of(question: Question, now: State) -> Key:
    spec, day, *more = question
    return spec, day, *more, past.moment_in_force(), now.of(parts_of(spec, day, now.years))


def digest_of(key: Key) -> str:
    """A key as the shared store takes it, which also holds the answers of other versions of the program."""
    return hashlib.sha256(repr((PROGRAM, *key)).encode()).hexdigest()
