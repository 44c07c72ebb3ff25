"""The lists of a small team that moves here, in the shapes that HubSpot writes, and what must be there afterwards."""

import io
from typing import Any

from crm.models import Company, Contact, Deal, ImportMove, PendingLink, SourceKey
from crm.services.importing import run_import, start_import, upload_import
from gtmos.kernel.actors import Actor
from gtmos.kernel.fields.models import RelationLink

COMPANIES = """\
Record ID,Company name,City,Country/Region,Company Domain Name,Number of Employees,Lifecycle Stage,Parent Company
9001,Acme Tools,Berlin,Germany,acme.example,120,lead,
9002,Acme Tools Nordic,Oslo,Norway,acme-nordic.example,12,lead,Acme Tools
9003,Birch & Sons,Leeds,United Kingdom,birch.example,40,customer,
9004,Cobalt GmbH,Bonn,Germany,cobalt.example,7,lead,
"""
# A person twice, the second time under a new number and in capitals; one without an address.
CONTACTS = """\
Record ID,First Name,Last Name,Email,Job Title,Lifecycle Stage,Associated Company,Associated Company IDs,Associated Company IDs (Primary)
51,Ada,Young,ada@acme.example,CTO,lead,Acme Tools,9001;9003,9001
52,Bo,Zhang,bo@birch.example,Buyer,lead,Birch & Sons,9003,9003
53,Ada,Young,ADA@ACME.example,CTO,lead,Acme Tools,9001,9001
54,Cy,Moss,,Founder,lead,Cobalt GmbH,9004,9004
"""
CONTACTS_ES = """\
ID de registro,Nombre,Apellidos,Correo,Cargo,Ciudad,Propietario del contacto,Estado del lead,Associated Company IDs (Primary)
54,Cy,Moss,cy@cobalt.example,Founder,Bonn,Ben Holt,En curso,9004
55,Dee,Olsen,dee@acme-nordic.example,CFO,Oslo,Ben Holt,En curso,9002
"""
DEALS = """\
Record ID\tDeal Name\tPipeline\tDeal Stage\tAmount\tCurrency\tClose Date\tCreate Date\tDeal owner\tAssociated Company IDs (Primary)\tAssociated Company (Primary)\tAssociated Contact IDs
71\tTools for Acme\tSales Pipeline\tQualification\t1000\tUSD\t\t2026-01-02\tBen Holt\t9001\tAcme Tools\t53;52
72\tBirch renewal\tSales Pipeline\tClosed Won\t500\tUSD\t2026-03-01\t2026-01-02\tBen Holt\t9003\tBirch & Sons\t52
73\tNordic pilot\tSales Pipeline\tQualification\t70\tUSD\t\t2026-01-02\tBen Holt\t9002\t\t55
74\tCobalt start\tSales Pipeline\tQualification\t30\tUSD\t\t2026-01-02\tBen Holt\t9004\tCobalt GmbH\t54
"""
FILES: dict[str, bytes] = {
    "companies": COMPANIES.encode(),
    "contacts": CONTACTS.encode(),
    "contacts-es": CONTACTS_ES.encode(),
    "deals": DEALS.encode("utf-16"),
}
MOVED: dict[str, Any] = {
    "companies": [
        ("Acme Tools", "acme.example", "Berlin", 120, "buying", None),
        ("Acme Tools Nordic", "acme-nordic.example", "Oslo", 12, "buying", "Acme Tools"),
        ("Birch & Sons", "birch.example", "Leeds", 40, "dormant", None),
        ("Cobalt GmbH", "cobalt.example", "Bonn", 7, "buying", None),
    ],
    "contacts": [
        ("Ada Young", "ada@acme.example", "CTO", "Acme Tools"),
        ("Bo Zhang", "bo@birch.example", "Buyer", "Birch & Sons"),
        ("Cy Moss", "cy@cobalt.example", "Founder", "Cobalt GmbH"),
        ("Dee Olsen", "dee@acme-nordic.example", "CFO", "Acme Tools Nordic"),
    ],
    "deals": [
        ("Birch renewal", 500, "won", "Birch & Sons", "Bo Zhang"),
        ("Cobalt start", 30, "open", "Cobalt GmbH", "Cy Moss"),
        ("Nordic pilot", 70, "open", "Acme Tools Nordic", "Dee Olsen"),
        ("Tools for Acme", 1000, "open", "Acme Tools", "Ada Young"),
    ],
    "involved": [("Tools for Acme", "Bo Zhang")],
}
NOTHING: dict[str, Any] = {"companies": [], "contacts": [], "deals": [], "involved": []}


def there() -> dict[str, Any]:
    """All that a person sees of the three kinds of record, in one order."""
    companies = Company.objects.order_by("name", "domain").values_list(
        "name", "domain", "city", "employee_size", "customer_state", "parent__name"
    )
    contacts = Contact.objects.order_by("name", "email_key", "pk").values_list(
        "name", "email", "title", "company__name"
    )
    deals = Deal.objects.order_by("name", "external_id").values_list(
        "name", "deal_amount", "deal_state", "company__name", "contact__name"
    )
    people = Contact.objects.in_bulk(RelationLink.objects.values_list("to_id", flat=True))
    involved = RelationLink.objects.values_list("from_id", "to_id")
    named = sorted((Deal.objects.get(pk=deal).name, people[person].name) for deal, person in involved)
    lowered = [(name, email.lower(), *rest) for name, email, *rest in contacts]
    return {"companies": list(companies), "contacts": lowered, "deals": list(deals), "involved": named}


def waiting() -> list[str]:
    return [str(link) for link in PendingLink.objects.filter(tied_by=None)]


def left_over() -> int:
    return PendingLink.objects.count() + SourceKey.objects.count()


def begun(name: str, me: Actor) -> Any:
    batch = upload_import(file_name=f"{name}.csv", content=io.BytesIO(FILES[name]), actor=me)
    return start_import(batch, actor=me)


def carried_out(move: ImportMove) -> ImportMove:
    """What the bells do: whoever is asked looks whose turn it is."""
    while running := list(move.imports.filter(state="running").order_by("-started_at")):
        for batch in running:
            run_import(batch.pk)
    return move
