"""Words that tell a job, a department, a company, a person or a seller of software from any other name."""

from functools import cache
from pathlib import Path

from crm.intake.text import fold


def _words(text: str) -> frozenset[str]:
    return frozenset(fold(text).split())


CHIEFS = _words("ceo cfo cto coo cmo cio cro cpo cso cco cdo ciso chro cgo daf dsi drh pdg dg md")
ROLES = CHIEFS | _words(
    """vp svp evp avp director directora directeur directrice direktor direktorin direttore manager managerin managing president presidente lead leader head
    leiter leiterin leitung chef chefin cheffe geschäftsführer geschäftsführerin inhaber inhaberin prokurist prokuristin vorstand vorstandsvorsitzender owner founder cofounder
    co-founder partner buyer einkäufer einkäuferin controller controllerin officer engineer analyst analystin architect architekt consultant berater beraterin assistant
    assistent assistentin specialist coordinator koordinator executive counsel secretary treasurer administrator admin supervisor strategist scientist developer entwickler designer
    accountant buchhalter buchhalterin chairman chairwoman chair gérant gérante responsable gerente jefe jefa fondateur fondatrice fundador fundadora principal referent referentin
    sachbearbeiter sachbearbeiterin procurist planner superintendent foreman dean rector professor nurse surgeon physician editor producer publisher recruiter paralegal lawyer
    einkaufsleiter einkaufsleiterin vertriebsleiter vertriebsleiterin marketingleiter marketingleiterin produktionsleiter betriebsleiter werksleiter projektleiter projektleiterin
    personalleiter personalleiterin bereichsleiter abteilungsleiter teamleiter teamleiterin acheteur acheteuse comprador compradora bestuurder directrise intern trainee student
    amministratore titolare socio secretaria secretario steward clerk bookkeeper cashier representative rep sdr bdr ae csm dpo bursar trustee warden registrar"""
)
# They are other words too: jobs only right beside a name.
LOOSE = _words(
    "lead head partner chair principal admin rep intern student assistant buyer md dg ae leader planner nurse referent socio"
)
MODIFIERS = _words(
    """chief vice deputy senior junior sr jr managing general executive commercial regional global group national local technical account accounts plant project product program programme
    sales marketing people operations ops revenue it hr finance financial legal data security customer success support service services business development digital strategy
    strategic growth brand content design engineering software platform infrastructure network systems information technology purchasing procurement supply chain logistics
    warehouse quality safety compliance risk audit tax treasury claims underwriting research clinical medical nursing facilities facility office team partner partnerships channel
    field retail store area country inside key corporate communications public relations media creative art editorial production manufacturing process lean innovation transformation
    change talent recruiting human resources payroll learning training investor associate assistant interim acting founding co lead principal staff solutions presales pre-sales enterprise
    e-commerce ecommerce crm erp web seo performance demand generation event events community export import fleet transport maintenance site construction real estate property asset
    portfolio fund investment credit loan insurance policy public admin administrative administration financiera comercial general técnico marketing ventas compras operaciones adjoint
    commercial financier financière technique général générale informatique industriel kaufmännischer kaufmännische technischer technische stellvertretende stellvertretender leitender
    leitende regionaler"""
)
DEPARTMENTS = _words(
    """sales marketing it operations ops risk data finance product products engineering security people hr special projects procurement purchasing legal support strategy growth design
    research development technology service services claims revenue revops partnerships customer success communications brand content digital talent quality supply chain logistics
    facilities compliance platform infrastructure business transformation innovation analytics accounting controlling treasury production manufacturing maintenance medicine nursing
    vertrieb einkauf personal technik produktion entwicklung buchhaltung finanzen logistik forschung kommunikation geschäftsleitung kundendienst kundenservice verkauf
    ventes achats informatique finances ressources humaines recherche exploitation communication qualité juridique ventas compras finanzas operaciones sistemas tecnología
    recursos humanos commercial retail ecommerce e-commerce crm demand generation pre-sales presales training learning real estate investor relations public affairs
    client clients accounts program programs delivery architecture software cloud network systems information user experience privacy safety health"""
)
LINKS = _words("of for de des du der für and & y et und - d'")
PARTICLES = _words("of de da del di van von der den la le & y e do dos das ter zu zum al el bin ibn")
LEGAL = _words(
    """inc incorporated llc llp lp ltd limited ltda corp corporation plc gmbh mbh ag kg kgaa ohg ug se sa sas sarl srl spa bv nv ab as asa oy oyj aps pty pte pvt kk sl slu sro doo zrt
    kft co company eg ev gbr e.k z.o.o oü as sp.k"""
)
BUSINESS = LEGAL | _words(
    """group bank labs lab industries enterprises foods traders electronics systems software technologies technology solutions partners holdings holding steel worldwide dynamic cybernetics
    logistics freight media digital capital analytics insurance hotels hotel clinics clinic health healthcare energy energi robotics games studios studio legal supply foundry ceramics timber
    marine airlines air airways railways railway rail motors pharma pharmaceuticals chemicals plastics textiles brewery bakery foundation institute university college hospital school
    council ministry association consulting consultants advisors ventures networks telecom communications security interactive entertainment publishing press books records pictures
    properties estates construction builders engineering works werke werk maschinenbau pumpen optik möbelhaus bau stahl holz transports transport frères söhne sons brothers bros & associates
    services service shipping mining oil gas power water solar wind agro farms dairy seafood fisheries wines spirits outfitters apparel fashion cosmetics jewelry furniture tools pumps
    plumbing dental surveyors architects lawyers attorneys cinema theatre museum data cloud cyber mobile wireless biotech genetics diagnostics therapeutics instruments devices sensors
    materials glass paper packaging print printing paints coatings auto automotive parts tyres travel tours cruises resorts casino fitness sports wellness beauty care pay payments finance
    financial credit fintech exchange markets trading commerce retail stores shops markt mart depot warehouse express couriers delivery catering restaurants cafe coffee beverages"""
)
# Sellers of what the house may use instead: named as competitors or tools, hardly as the customer.
SELLERS = _words(
    """salesforce hubspot pipedrive zoho outreach salesloft microsoft dynamics sap oracle adobe marketo eloqua close.io freshsales freshworks monday.com monday airtable notion slack google
    linkedin zendesk intercom apollo zoominfo gong chorus clari excel sheets sugarcrm odoo copper insightly attio netsuite workday servicenow tableau powerbi looker teams zoom
    outlook gmail deloitte accenture kpmg pwc ey mckinsey bcg capgemini dropbox asana jira trello mailchimp klaviyo braze segment dynamics365 creatio act! access whatsapp xing twitter
    facebook instagram youtube tiktok chatgpt openai stripe paypal docusign"""
)
# Capitals at the beginning of a sentence, days, months and words of notes: no part of a name's edge.
NO_NAME = _words(
    """talk speak tell check book schedule remind confirm make write prepare bring add set see look give show find let keep try wait discuss discussed review share invite forward remember
    return give gave take took work works working use using used joined join says saying see seen heard learned thought think believe guess suppose seems sounds looks feels agreed
    first second third last same similar big small huge many much more most few several less least very really quite too well good bad better best other others everyone everybody
    someone somebody anyone anybody nothing something anything everything somehow anyway however although though because since until unless while whereas whether
    sadly unfortunately luckily hopefully apparently basically currently overall generally finally eventually recently already yet never always often sometimes usually
    """
    """i he she they we it his her their our my your you the a an no not nobody nothing none in on of at by for from to with w and or but if so next nice good great quick note notes call called
    calling meeting met spoke talked chatted had has have was were is are be been wants want needs need lunch coffee dinner demo video visited saw rang reached left email mail intro contact
    phone budget deal about around please also then than today tomorrow yesterday monday tuesday wednesday thursday friday saturday sunday january february march april may june july
    august september october november december mon tue tues wed thu thur thurs fri sat sun jan feb mar apr jun jul aug sep sept oct nov dec dr mr mrs ms prof nda subject re fwd aw wg hi hello
    dear thanks thank regards best kind sincerely cheers will would could should can may might must expecting signed contract step steps usd eur gbp chf sek nok mxn q1 q2 q3 q4 t1 t2 t3 t4
    email-from after before during when where who what why how this that these those there here now later soon again still only just even both each all any some other another
    follow-up followup follow update updates internal external sync standup kickoff kick-off kick visit visited ping pinged asked ask asks sent send sends got get gets lost won
    renewal risk trial pilot pricing price prices offer quote order invoice ticket tickets customer client prospect lead leads webinar discovery intro introduction minutes present attendees
    attending participants action actions decision decided target signature contract open points point usage roll-out rollout roll new old current former trade fair conference
    messe besuch gespräch telefonat anruf termin treffen mittagessen notiz kein keine nicht der die das den dem ein eine und oder mit bei von zu im am um für über will wir sie er es ich
    ihr unser unsere vertrag angebot entscheidung budget herr frau hr fr montag dienstag mittwoch donnerstag freitag samstag sonntag januar februar märz mai juni juli oktober dezember
    appel entretien réunion rendez-vous avec il elle le la les un une des pas nous vous je ils elles on son sa ses au aux du monsieur madame m mme mlle déjeuner visite offre décision
    janvier février mars avril juin juillet août septembre octobre novembre décembre lundi mardi mercredi jeudi vendredi concurrent signature prochaine llamada reunión presupuesto cierre
    con señor señora sr sra hablé hablado el su enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre company name role title website
    employees agenda summary todo todos competitor competitors
    competition wettbewerber wettbewerb concurrence champion blocker sponsor decision-maker crm erp api sso poc roi kpi nps csat arr mrr acv rfp rfq rfi sow msa sla po faq vm voicemail
    great ok okay fine yes sorry hope hoping looking interested reported fixed replaced says said thinks maybe perhaps probably not sure asked christmas easter ostern weihnachten
    noël pâques spring summer autumn fall winter english german french spanish hannover berlin london paris munich münchen vienna wien zurich zürich madrid new-york europe germany france
    linkedin name's it's he's she's they're we're i'm don't doesn't didn't can't won't ansprechpartner kontakt interlocuteur attn re-fwd"""
)
HONOURS = _words(
    "dr mr mrs ms prof frau herr hr fr monsieur madame m mme mlle señor señora sr sra sir dipl.-ing ing mag sig signor signora don doña"
)


@cache
def first_names() -> frozenset[str]:
    text = (Path(__file__).parent / "first_names.txt").read_text(encoding="utf-8")
    return _words(text.partition("\n")[2])
