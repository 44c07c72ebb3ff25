"""What column names mean. Spellings are compared by their letters and digits only; the first is the surest."""

import re

from crm.intake.text import fold

_COMPANY = """
external_id: id recordid companyid companykey accountid accountkey organizationid orgid pipedrivesystemid uuid idderegistro datensatzid hsobjectid cik
name: name companyname company account accountname organization organisation organizationname organisationname startupname startup employer firm security empresa nombredelaempresa unternehmen unternehmensname firma firmenname entreprise nomdelentreprise societe azienda
former_names: formernames previousnames formername
domain: domain companydomain companydomainname primarydomain nombrededominiodelaempresa domainnamedesunternehmens
website_url: website websiteurl companywebsite companyurl homepage web weburl url sitioweb urldelsitioweb webseite
linkedin_url: companylinkedinurl linkedincompanypage companylinkedin
description: description longdescription companydescription about summary descripcion beschreibung oneliner shortdescription
industry: industry companyindustry sector gicssector industria branche secteur industryvertical vertical
sub_industry: subindustry subvertical industrygroup gicssubindustry
tags: tags keywords companykeywords
technologies: technologies techstack technology
address: companyaddress address street billingstreet streetaddress direccion adresse strasse
city: companycity city billingcity hqcity headquarterscity ciudad stadt ville town citylocation
region: companystate state region billingstate stateregion province estado estadoregion bundesland
country: companycountry country countryregion billingcountry hqcountry pais paisregion land landregion pays
postal_code: postalcode zipcode zip billingpostalcode codigopostal plz
place: location alllocations headquarters headquarterslocation officelocation hq hqlocation companylocation
postal_address: organizationaddress
phone: companyphone phone phonenumber corporatephone telephone telefon telefono numerodetelefono telefonnummer
employees: employees numberofemployees numofemployees employeecount headcount teamsize numemployees noofemployees companysize workers employeesize numerodeempleados anzahldermitarbeiter mitarbeiter effectif
founded_year: yearestablished founded foundedyear yearfounded foundingyear grundungsjahr
revenue: annualrevenue revenue companyrevenue arr ingresosanuales jahresumsatz umsatz
revenue_currency: revenuecurrency annualrevenuecurrency
funding_stage: fundingstage latestfunding lastfundingtype fundinground investmenttype lastfundinground stage investmentstage
funded_on: lastraisedat lastfundingdate fundedon latestfundingdate dateoffunding
last_funding: latestfundingamount lastfundingamount fundingamount amountraised amountinusd
total_funding: totalfunding fundsraised totalfundingamount totalraised
total_funding_millions: fundsraisedmillions totalfundingmillions fundsraisedmusd
parent_name: parentcompany parentaccount subsidiaryof parent muttergesellschaft empresamatriz
parent_external_id: parentid parentaccountid parentcompanyid
owner: companyowner accountowner owner owneremail hubspotowner propietariodelaempresa zustandigermitarbeiter
lifecycle: lifecyclestage lifecycle etapadelciclodevida lifecyclephase
dated_on: lastmodifieddate lastmodified systemmodstamp updatedat updatetime updated asof date
"""
_CONTACT = """
external_id: contactid recordid id personid pipedrivesystemid apollocontactid leadid userid idderegistro datensatzid hsobjectid
first_name: firstname givenname forename nombre vorname prenom nome
last_name: lastname surname familyname apellidos apellido nachname nomdefamille cognome
full_name: fullname name contactname personname contact person leadname nombrecompleto vollstandigername
email: email emailaddress workemail primaryemail businessemail mail correo correoelectronico emailadresse adressemail courriel
other_emails: secondaryemail tertiaryemail additionalemailaddresses otheremail alternateemail email2 personalemail
email_status: emailstatus emailverification verificationstatus
is_bounced: isemailbounced emailbounced bounced hardbounced
phone: phone phonenumber workdirectphone directphone workphone telephone businessphone corporatephone otherphone homephone telefon telefono numerodetelefono telefonnummer
mobile_phone: mobilephone mobile cellphone cell mobilephonenumber movil handy
title: title jobtitle position role cargo puesto positiontitle berufsbezeichnung jobbezeichnung poste fonction funktion
department: department departments function abteilung departamento jobfunction
seniority: seniority senioritylevel joblevel managementlevel
influence_role: buyingrole influencerole buyerrole roleinpurchase rolinfluencia
linkedin: linkedinurl personlinkedinurl linkedin linkedinprofile linkedinprofileurl personlinkedin perfildelinkedin
city: city contactcity mailingcity personcity ciudad stadt ville ort
region: state contactstate mailingstate region stateregion province estadoregion bundesland
country: country countryregion contactcountry mailingcountry personcountry pais paisregion land landregion pays
place: location contactlocation personlocation
timezone: timezone tz zonahoraria zeitzone
language: language preferredlanguage locale idioma sprache
do_not_email: donotemail optedoutofallemail hasoptedoutofemail emailoptout unsubscribed unsubscribedfromallemail optedout optout
do_not_call: donotcall hasoptedoutofcall donotphone
opted_out_at: optedoutat unsubscribedat optoutdate
consent_basis: consentbasis legalbasis lawfulbasis legalbasisforprocessingcontactsdata consent
consent_source: consentsource lawfulbasissource
consent_on: consentdate consenton lawfulbasissince
source: source leadsource originalsource leadorigin contactsource fuente quelle
owner: contactowner owner owneremail leadowner propietariodelcontacto zustandigerkontaktbesitzer kontaktinhaber
lifecycle: lifecyclestage lifecycle etapadelciclodevida
created_at: createdat createdate creationdate createddate datecreated fechadecreacion erstelltam erstelldatum connectedon
last_contacted_at: lastcontactedat lastcontacted lastcontact ultimocontacto lastcontactdate zuletztkontaktiert
dated_on: lastmodifieddate lastmodified systemmodstamp updatedat updatetime updated asof
"""
_DEAL = """
external_id: dealid opportunityid recordid id pipedrivesystemid idderegistro datensatzid hsobjectid
name: dealname dealtitle opportunityname name title opportunity deal nombredelnegocio dealname
amount: amount dealamount dealvalue value closevalue amountincompanycurrency importe betrag montant opportunityamount
currency: currency dealcurrency currencyofvalue amountcurrency currencyisocode moneda wahrung
stage_name: dealstage stagename stage opportunitystage pipelinestage etapadelnegocio dealphase phase
status: status dealstatus
is_closed: isclosed closed
is_won: iswon won isclosedwon
pipeline: pipeline pipelinename salespipeline
product: product productname lineitem
probability: probability dealprobability winprobability
created_on: createdate creationdate createddate datecreated dealcreated createdat engagedate fechadecreacion
expected_on: expectedclosedate expectedclose expectedclosing expectedsigningdate forecastclosedate
closed_on: closedate dealclosedon closedon wontime losttime close closingdate fechadecierre abschlussdatum
lost_reason: lostreason closedlostreason lossreason
next_step: nextstep
source: leadsource source originalsource
contact_external_id: associatedcontactids contactid contactpersonid primarycontactid
contact_name: contactperson contactname primarycontact contact associatedcontact
contact_email: contactemail email primarycontactemail contactpersonemail
owner: dealowner opportunityowner owner owneremail salesagent salesrep
dated_on: lastmodifieddate lastmodified systemmodstamp updatedat updatetime
"""
_SIGNAL = """
type: signaltype signal eventtype
detail: signaldetail headline detail
url: signalurl sourceurl articleurl
source: signalsource newssource
occurred_on: occurredon signaldate eventdate occurredat
is_hiring: ishiring hiring activelyhiring
open_roles: openroles jobopenings openjobs openpositions numberofjobopenings
laid_off_count: totallaidoff laidoff layoffs numberlaidoff
laid_off_share: percentagelaidoff percentlaidoff
"""
_LINE = """
deleted: isdeleted deleted
ignored: gtmosrecordid customerstate recordowner recordcreated
"""
# In a list of people or deals these words speak of the person or deal, or of nothing we can be sure of.
_NOT_THE_COMPANY = frozenset(
    [
        "id",
        "recordid",
        "name",
        "city",
        "state",
        "region",
        "country",
        "countryregion",
        "phone",
        "phonenumber",
        "address",
        "street",
        "location",
        "url",
        "date",
        "stage",
        "owner",
        "owneremail",
        "description",
        "summary",
        "tags",
        "keywords2",
        "lifecyclestage",
        "lifecycle",
        "ciudad",
        "pais",
        "paisregion",
        "stadt",
        "land",
        "landregion",
        "numerodetelefono",
        "telefonnummer",
        "telefon",
        "telefono",
        "createdate",
        "lastmodifieddate",
        "lastmodified",
        "systemmodstamp",
        "updatedat",
        "updatetime",
        "updated",
        "asof",
        "ville",
        "pays",
        "idderegistro",
        "datensatzid",
        "uuid",
        "hq",
        "postalcode",
        "zip",
        "zipcode",
        "province",
        "estado",
        "estadoregion",
        "bundesland",
        "adresse",
        "direccion",
        "parentid",
        "hsobjectid",
        "oneliner",
        "about",
        "stateregion",
        "telephone",
        "corporatephone",
        "security",
        "technology",
        "parent",
    ]
)
_FOR_PEOPLE = (
    "name: companyname company account accountname organization organizationname employer associatedcompany"
    " associatedcompanyprimary companynameforemails primarycompany nombredelaempresa empresaasociada\n"
    "external_id: associatedcompanyidsprimary associatedcompanyids accountid companyid companykey organizationid"
    " apolloaccountid primaryassociatedcompanyid\n"
)
_PREFIXES = {
    "deal": "deal",
    "person": "contact",
    "organization": "company",
    "organisation": "company",
    "lead": "contact",
}


def header_key(column: str) -> str:
    """The letters and digits of a name, without the number of a repeated one."""
    bare = re.sub(r" \(\d+\)$", "", column)
    return re.sub(r"[\W_]+", "", fold(bare))


def prefixed(column: str) -> tuple[str, str]:
    """Pipedrive's "Deal - Title" as (entity, key of the rest); ("", key) without such a prefix."""
    head, mark, rest = column.partition(" - ")
    entity = _PREFIXES.get(head.strip().lower(), "") if mark else ""
    return (entity, header_key(rest)) if entity else ("", header_key(column))


def _read(block: str, entity: str, *, without: frozenset[str] = frozenset()) -> dict[str, tuple[str, int]]:
    found: dict[str, tuple[str, int]] = {}
    for line in block.strip().splitlines():
        field, _, spellings = line.partition(": ")
        for rank, spelling in enumerate(spellings.split()):
            if spelling not in without:
                found.setdefault(spelling, (f"{entity}.{field}", rank))
    return found


_COMPANY_OF_OTHERS = _read(_FOR_PEOPLE, "company") | {
    key: target
    for key, target in _read(_COMPANY, "company", without=_NOT_THE_COMPANY).items()
    if key not in _read(_FOR_PEOPLE, "company")
}
_ASIDE = _read(_SIGNAL, "signal") | _read(_LINE, "line")
MEANINGS: dict[str, dict[str, tuple[str, int]]] = {
    "companies": _ASIDE | _read(_COMPANY, "company"),
    "contacts": _ASIDE | _COMPANY_OF_OTHERS | _read(_CONTACT, "contact"),
    "deals": _ASIDE | _COMPANY_OF_OTHERS | _read(_DEAL, "deal"),
    "signals": _read(_COMPANY, "company") | _ASIDE | {"type": ("signal.type", 5), "date": ("signal.occurred_on", 5),
        "title": ("signal.detail", 5), "description": ("signal.detail", 6), "source": ("signal.source", 5),
        "url": ("signal.url", 5), "link": ("signal.url", 6)},
}  # fmt: skip
BY_ENTITY = {
    "company": _read(_COMPANY, "company"),
    "contact": _read(_CONTACT, "contact"),
    "deal": _read(_DEAL, "deal"),
}
