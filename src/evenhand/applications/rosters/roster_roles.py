"""The columns of an office's tables for rosters, with the words by which headers name them in several languages."""

from __future__ import annotations

from evenhand.tables.header_roles import AGENT, DATE, END, END_DATE, PAUSE, SPAN, START
from evenhand.tables.header_words import Role

KIND = Role(
    "kind|shift|shift kind|shift type|shift name|type|schicht|schichtart|dienst|dienstart|art|schicht name|poste|quart"
    "|equipe|type poste|turno|turno tipo"
)
SKILL = Role(
    "skill|skills|qualification|qualifications|qualifikation|qualifikationen|fahigkeit|fahigkeiten|kompetenz"
    "|kompetenzen|competence|competences|role|rolle|funktion|fonction|competencia|competenza"
)
NAME = Role(
    "person|people|employee|nurse|mitarbeiter|personne|"
    + AGENT.sure
    + "|besch\u00e4ftigter|kollege|kollegin|collaborateur|salarie",
    AGENT.sure + "|name|nom",
)

LAST = Role(END.sure + "|" + END_DATE.sure)

SHIFTS: dict[str, Role] = {
    "date": DATE,
    "start": START,
    "end": END,
    "kind": KIND,
    "skill": SKILL,
    "least": Role("least|minimum|min|at least|mindestens|mindestbesetzung|minimal|moins|au moins|minimo"),
    "preferred": Role(
        "preferred|needed|need|needs|required|demand|wanted|bedarf|soll|sollbesetzung|gewunscht|anzahl|number|count"
        "|people|personen|besetzung|effectif|besoin|prefere|souhaite"
        "|necesario|necesarios|personas|richiesti|necessari|persone|nodig|benodigd|aantal|necessario|necessarios|pessoas"
    ),
    "most": Role("most|maximum|max|at most|hochstens|hochstbesetzung|maximal|au plus|maximo"),
    "cost of too few": Role(
        "cost too few|too few|under cost|cost under|undercost|understaffing|understaffing cost|shortage cost"
        "|kosten zu wenige|zu wenige|zu wenig|kosten unterdeckung|unterdeckung|cout trop peu|trop peu|cout manque"
    ),
    "cost of too many": Role(
        "cost too many|too many|over cost|cost over|overcost|overstaffing|overstaffing cost|surplus cost"
        "|kosten zu viele|zu viele|zu viel|kosten uberdeckung|uberdeckung|cout trop|trop|cout surplus"
    ),
    "break": PAUSE,
}
"""Columns of the shifts' table."""

PEOPLE: dict[str, Role] = {
    "name": NAME,
    "contract": Role(
        "contract|contract hours|contract hours per week|hours per week|weekly hours|hours week|contract week|vertrag"
        "|vertragsstunden|wochenstunden|wochenarbeitszeit|arbeitszeit|stunden pro woche|stunden woche|contrat"
        "|heures contrat|heures par semaine|heures semaine|hebdomadaire|heures hebdomadaires|contrato|horas contrato"
        "|horas semanales|horas semana|horas semanais|contratto|ore contratto|ore settimanali|ore settimana"
        "|contracturen|uren contract|uren week|weekuren"
    ),
    "share": Role(
        "share|fte|full time equivalent|percent|percentage|pensum|anteil|stellenanteil|umfang|beschaftigungsgrad|etp"
        "|jornada|quota|taux|part time|teilzeit"
    ),
    "skills": SKILL,
    "least hours": Role("least hours|min hours|minimum hours|mindeststunden|min stunden|stunden min|heures min"),
    "most hours": Role(
        "most hours|max hours|maximum hours|hochststunden|maximalstunden|max stunden|stunden max|heures max"
    ),
    "longest run": Role(
        "longest run|longest stretch|most days row|max days row|max run|max consecutive days|consecutive days"
        "|langste folge|max tage stuck|max tage folge|max tage am stuck|hochstens tage am stuck|jours consecutifs max"
        "|max jours consecutifs"
    ),
    "shortest run": Role(
        "shortest run|shortest stretch|least days row|min days row|min run|min consecutive days|kurzeste folge"
        "|min tage stuck|min tage folge|min tage am stuck|mindestens tage am stuck|jours consecutifs min"
        "|min jours consecutifs"
    ),
    "rest": Role("rest|rest hours|rest between shifts|hours between shifts|ruhezeit|ruhe|ruhestunden|repos"),
    "days off in a row": Role(
        "days off row|rest days|shortest rest|min days off|min rest days|freie tage am stuck|freie tage stuck|ruhetage"
        "|min freie tage|jours repos|jours de repos"
    ),
    "weekends": Role("weekends|most weekends|max weekends|wochenenden|max wochenenden|week ends|fins semaine"),
    "nights carried": Role(
        "nights carried|nights carried over|carried nights|nights so far|past nights|ubertrag nachte|nachte ubertrag"
        "|nachte bisher|nuits reportees|nuits report|report nuits"
    ),
    "weekends carried": Role(
        "weekends carried|weekends carried over|carried weekends|weekends so far|past weekends|ubertrag wochenenden"
        "|wochenenden ubertrag|wochenenden bisher|week ends reportes|week ends report|report week ends"
    ),
    "late carried": Role(
        "late carried|late carried over|carried late|late so far|past late|late shifts carried|ubertrag spat"
        "|spat ubertrag|spatdienste bisher|soirs reportes|report soirs"
    ),
    "hours carried": Role(
        "hours carried|hours carried over|carried hours|hours so far|past hours|ubertrag stunden|stunden ubertrag"
        "|stunden bisher|heures reportees|heures report|report heures"
    ),
}
"""Columns of the people's table."""

TIMES = Role(f"{START.sure}|{START.perhaps}|{SPAN.sure}|hours|stunden|horaire|orario|horario|arbeitszeit")
"""Columns of times, whose cells may hold start and end."""

PERIOD = Role(f"{DATE.sure}|{START.sure}|{SPAN.sure}|dates|periode|periodo|absence|abwesenheit|abwesend|urlaub|ferien")
"""Columns of dates, whose cells may hold the first and the last."""

WISHES: dict[str, Role] = {
    "name": NAME,
    "date": DATE,
    "from": START,
    "to": LAST,
    "kind": KIND,
    "want": Role("want|wanted|wants|wish|wunsch|will|gewunscht|souhait|souhaite|voeu|yes no|ja nein|oui non"),
    "weight": Role("weight|gewicht|poids|priority|prioritat|importance|wichtigkeit|cost|kosten|strafe"),
}
"""Columns of the wishes' table."""

ABSENCES: dict[str, Role] = {
    "name": NAME,
    "date": DATE,
    "from": START,
    "to": LAST,
}
"""Columns of the absences' table."""

YES = frozenset(["yes", "y", "ja", "j", "oui", "o", "si", "true", "wahr", "vrai", "1", "x", "want", "wanted"])
NO = frozenset(["no", "n", "nein", "non", "false", "falsch", "faux", "0", "not", "avoid", "nicht"])
"""Words in the column ``want``."""

OFF = frozenset(["off", "free", "frei", "dienstfrei", "wunschfrei", "freier tag", "libre", "libero", "vrij", "repos"])
OFF |= {"rest", "day-off", "day off", "urlaub", "ferien", "vacation", "holiday", "leave", "conge", "cong\u00e9"}
OFF |= {"vacances", "vacaciones", "ferie", "vakantie"}
"""Words in the column ``kind`` of a wish for a day off."""

ANY = frozenset(["", "any", "beliebig", "egal", "alle", "all", "tout", "*"])
"""Words in the column ``kind`` of a wish for any shift."""

NOT = ("not ", "no ", "nicht ", "kein ", "keine ", "keinen ", "pas de ", "pas ", "sin ", "non ", "geen ")
"""Words in front of a kind that is not wished."""
