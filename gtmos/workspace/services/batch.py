"""Sentences read in a workspace that is loaded for the occasion and taken back afterwards."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from django.db import transaction

from agents.planner.context import Context
from agents.planner.planner import Planner
from agents.planner.world import World
from agents.selectors.names import DatabaseNames
from agents.services.authorising import authorised
from crm.models import Company
from crm.services.companies import create_company
from crm.services.contacts import create_contact
from crm.services.deals import create_deal
from crm.services.pipelines import ensure_default_pipeline, ensure_stage
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.people.models import Role, User
from gtmos.kernel.people.roles import standing_by_default

LOADED = ("companies", "contacts", "deals")


def predictions(items: Iterable[Mapping[str, Any]], world: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """One prediction for each sentence; companies, contacts and deals are found in the database."""
    with loaded(world) as reader:
        rest = {key: value for key, value in world.items() if key not in LOADED}
        names = DatabaseNames(Actor.of(reader), only_of=reader)
        planner = Planner(World.from_mapping(rest, names=names))
        for item in items:
            role = str(item.get("role") or Role.AE)
            plan = planner.plan(str(item["command"]), Context.from_mapping(item.get("context"), role=role))
            yield authorised(plan, standing_by_default(role)).to_prediction(str(item["id"]))


@contextmanager
def loaded(world: Mapping[str, Any]) -> Iterator[User]:
    """The records of a workspace, made through the same verbs as everything and gone when the block ends.

    They belong to a reader made for the occasion, who sees them and nothing else.
    """
    with transaction.atomic():
        reader = User.objects.create_user(f"{uuid4()}@reader.invalid", name="Reader", role=Role.AE)
        actor = Actor.of(reader, source="command")
        companies = {row["name"]: _company(row, actor) for row in map(_as_row, world.get("companies", ()))}
        for row in world.get("contacts", ()):
            _contact(row, companies, actor)
        _deals(world, companies, actor)
        yield reader
        transaction.set_rollback(True)


def _as_row(company: Any) -> Mapping[str, Any]:
    return {"name": company} if isinstance(company, str) else company


def _company(row: Mapping[str, Any], actor: Actor) -> Company:
    try:
        return create_company(row["name"], domain=row.get("domain") or "", actor=actor)
    except DomainError:
        # The workspace that is really here has a company with this domain.
        return create_company(row["name"], actor=actor)


def _contact(row: Mapping[str, Any], companies: Mapping[str, Company], actor: Actor) -> None:
    fields = {
        "name": row["name"],
        "company": companies.get(str(row.get("company"))),
        "title": row.get("title") or "",
        "do_not_email": bool(row.get("opted_out")),
    }
    try:
        create_contact(**fields, email=row.get("email") or "", actor=actor)
    except DomainError:
        # Somebody who is really here has this address.
        create_contact(**fields, actor=actor)


def _deals(world: Mapping[str, Any], companies: Mapping[str, Company], actor: Actor) -> None:
    pipeline = ensure_default_pipeline(actor=SYSTEM)
    known = set(pipeline.stages.values_list("key", flat=True))
    for row in world.get("deals", ()):
        stage = str(row.get("stage") or "")
        if stage and stage not in known:
            ensure_stage(pipeline, key=stage, name=stage.replace("_", " "), kind="open", actor=SYSTEM)
            known.add(stage)
        create_deal(
            name=row["name"],
            company=companies.get(str(row.get("company"))),
            stage=stage or None,
            amount=row.get("amount"),
            actor=actor,
        )
