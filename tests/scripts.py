"""Scripts that somebody might leave in a text, and a product in which every text holds one. Run by `manage.py shell`."""

from itertools import cycle, product
from typing import Any

RUN = "top.hit=1,alert(1)"
CARRIERS = (
    f"<script>{RUN}</script>",
    f"<img src=x onerror={RUN}>",
    f"<svg onload={RUN}>",
    f"<svg><script>{RUN}</script></svg>",
    f"<details open ontoggle={RUN}><summary>x",
    f"<input autofocus onfocus={RUN}>",
    f"<body onload={RUN}>",
    f"<iframe srcdoc='<script>{RUN}</script>'></iframe>",
    f"<a href='javascript:{RUN}'>x</a>",
    f"<math><mtext><img src=x onerror={RUN}></math>",
    f"<style>@import 'javascript:{RUN}'</style>",
    f"<div hx-on:load='{RUN}' hx-get='/' hx-trigger='load'>x</div>",
    f"<template shadowrootmode=open><img src=x onerror={RUN}></template>",
    f"<meta http-equiv=refresh content='0;url=javascript:{RUN}'>",
    f"<object data='javascript:{RUN}'></object>",
)
BREAKERS = (
    "",
    '"',
    "'",
    '">',
    "'>",
    "</script>",
    "</textarea>",
    "</title>",
    "-->",
    "]]>",
    "\\x3c",
    "{{",
    "{% x %}",
    "`",
)  # fmt: skip -- a list
SCRIPTS = tuple(breaker + carrier for carrier, breaker in product(CARRIERS, BREAKERS))
# What the product itself wrote and reads again; nobody types it.
NOT_TEXT = frozenset(
    "key type kind state status path url password prefix digest currency base time_zone name_key city_key email_key linkedin_key "
    "search_text domain subject_type change_type change_category source entity_type object_type schedule channel token "
    "session_key session_data app_label model codename fingerprint encoding delimiter shape subscriber letter metric country_code "
    "language".split()
)


def is_text(field: Any) -> bool:
    kind = type(field).__name__
    return kind in {"CharField", "TextField"} and not (
        field.choices
        or field.unique
        or field.primary_key
        or field.name in NOT_TEXT
        or field.name.endswith(("_type", "_id"))
    )


def poison(rows_each: int = 60) -> str:
    """Every text of the newest rows of every table of ours becomes a script. Says how many of how many fields."""
    from django.apps import apps  # noqa: PLC0415 -- only inside the product
    from django.db import IntegrityError, transaction  # noqa: PLC0415

    scripts, fields, written = cycle(SCRIPTS), 0, 0
    for model in apps.get_models():
        texts = [field for field in model._meta.concrete_fields if is_text(field)]
        if not model.__module__.startswith(("crm", "outreach", "agents", "gtmos")) or not texts:
            continue
        fields += len(texts)
        for row in model._default_manager.order_by("-pk")[:rows_each]:
            for field in texts:
                try:
                    with transaction.atomic():
                        model._default_manager.filter(pk=row.pk).update(
                            **{field.name: next(scripts)[: field.max_length or 2000]}
                        )
                    written += 1
                except IntegrityError:
                    continue
    return f"{written} values, {fields} fields, {len(SCRIPTS)} scripts"
