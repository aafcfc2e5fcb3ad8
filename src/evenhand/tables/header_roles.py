"""The roles that columns have in many tables, with the words by which people call them in several languages."""

from __future__ import annotations

from evenhand.tables.header_words import Role


def _each(firsts: str, *behind: str) -> str:
    """Return phrases separated by bars: each of the first words alone, and followed by each of some others."""
    words = firsts.split("|")
    return "|".join([*words, *(f"{word} {other}" for other in behind for word in words)])


_CLOCKS = ("time", "uhrzeit", "zeit", "heure", "hora", "ora", "tijd", "tid", "clock")
_STARTS = (
    "start|begin|from|beginn|von|ab|anfang|debut|inicio|desde|inizio|dalle|van|fran|fra|od|starts|begins|beginning"
)
_ENDS = "end|to|until|ende|bis|finish|fin|hasta|fine|alle|einde|tot|slut|til|do|till|ends|finishes|schluss"
_DATES = "date|day|datum|tag|jour|fecha|dia|data|giorno|dag|dato|weekday|wochentag"

TASK = Role(
    "task|tasks|visit|visits|job|aufgabe|einsatz|besuch|termin|auftrag|tache|visite|tarea|visita|taak|bezoek|uppgift"
    "|task id|task name|visit id|visit name|job id|task no|visit no|appointment|zadanie|tarefa",
    "name|id|patient|client|kunde|customer|klient|nom|nombre|nome|naam|paper|order|shift|schicht",
)
"""The task of a row."""

AGENT = Role(
    "agent|agents|worker|employee|nurse|driver|person|mitarbeiter|mitarbeiterin|agent name|agent id|employee name"
    "|employee id|staff|team|personne|employe|empleado|trabajador|dipendente|medewerker|reviewer|pfleger|fahrer"
    "|pflegekraft|vehicle|fahrzeug|beschaftigte|pracownik",
    "name|id|nom|nombre|nome|naam",
)
"""The agent of a row."""

START = Role(
    _each(_STARTS, *_CLOCKS, "date time", "datum zeit", "datum uhrzeit")
    + "|starttime|startzeit|anfangszeit|beginnzeit|startuhrzeit|start at|starts at|starttid|begintijd|date time"
    "|datetime|datum uhrzeit|datum zeit|arrival|ankunft",
    "time|uhrzeit|zeit|heure|hora|orario|tijd|tid",
)
"""When something begins: a clock time, or a date with a time."""

SPAN = Role("von bis|from to|start end|time slot|zeitraum|period|begin end|beginn ende|debut fin|time from to|de a")
"""Start and end in one cell: ``08:00-09:00``."""

END = Role(
    _each(_ENDS, *_CLOCKS, "date time", "datum zeit", "datum uhrzeit")
    + "|endtime|endzeit|enduhrzeit|ends at|sluttid|eindtijd|departure|abfahrt"
)
"""When something ends: a clock time, or a date with a time."""

DURATION = Role(
    "duration|dauer|length|minutes|minuten|duree|duracion|durata|duur|varaktighed|czas trwania|duracao|service"
    "|service time|servicezeit|duration time|einsatzdauer|besuchsdauer|min|hours|stunden"
)
"""How long something takes."""

PAUSE = Role(
    "pause|break|drive|travel|drive time|travel time|driving time|driving|fahrzeit|fahrtzeit|anfahrt|fahrt|wegezeit|weg"
    "|anfahrtszeit|pausenzeit|trajet|temps trajet|viaje|viaggio|pausa|reistijd|pauze|rest|restid|gap|buffer|puffer"
    "|way|pause after|drive after|drive to next|travel to next|drive next|travel next|transfer|break after"
)
"""Time that follows before the next task can begin."""

DATE = Role(_each(_DATES, *_STARTS.split("|")) + "|startdatum|anfangsdatum|date visit|startdate|tag woche|day week")
"""The date, or the day of the week."""

END_DATE = Role(
    "enddatum|enddate|" + "|".join(f"{end} {date}" for end in _ENDS.split("|") for date in _DATES.split("|"))
)
"""The date of the end."""

NAME = Role(f"{AGENT.sure}|{TASK.sure}|who|wer|qui|was|what", AGENT.perhaps + "|" + TASK.perhaps)
"""Whom or what a number belongs to."""

GROUP = Role("group|groups|gruppe|groupe|grupo|gruppo|groep|together|set|household|haushalt|bundle|tour|team|route")
"""The group of a row."""

OTHER = Role(
    "other|second|conflict|conflicts|conflicts with|excludes|other task|other visit|second task|second visit|task 2"
    "|visit 2|task b|visit b|b|2|not with|konflikt|schliesst aus|andere|anderer|autre|otra|altra"
)
"""The second of two tasks."""

FIRST = Role(f"{TASK.sure}|first|first task|first visit|task 1|visit 1|task a|visit a|a|1|erste|erster", TASK.perhaps)
"""The first of two tasks."""

NEEDS = Role(
    "number|count|needs|need|needed|required|how many|anzahl|zahl|numero|aantal|antal|agents|nurses|people|staff"
    "|reviewers|k|value|wert|agents needed|needed agents|number agents|bedarf"
)
"""How many agents a task needs."""

LIMIT = Role(
    "number|limit|least|most|minimum|maximum|at least|at most|max|min|value|wert|anzahl|zahl|tasks|visits|max tasks"
    "|min tasks|least tasks|most tasks|capacity|kapazitat",
    "hours|stunden|heures|horas|ore|uren|h|load",
)
"""The least or the most that somebody gets."""

ENTITLEMENT = Role(
    "entitlement|entitlements|share|shares|fte|full time equivalent|percent|percentage|pensum|anteil|stellenanteil"
    "|weight|contract|contract hours|weekly hours|vertrag|vertragsstunden|wochenstunden|umfang|beschaftigungsgrad|etp"
    "|jornada|quota|part|capacity",
    "hours|stunden|heures|horas|ore|uren|h|number|value",
)
"""What somebody is entitled to, or has to carry, in proportion to others."""

CARRIED = Role(
    "initial load|initial loads|initial|load|loads|carried|carried over|previous|before|work before|last week|vortrag"
    "|ubertrag|vorwoche|balance|saldo|already|so far|bisher",
    "hours|stunden|heures|horas|ore|uren|h|number|value|minutes|minuten|min",
)
"""What somebody has carried before."""

BURDEN = Role(
    "burden|burdens|effort|aufwand|duration|dauer|load|loads|workload|points|punkte|weight|gewicht|cost|costs",
    "hours|stunden|heures|horas|ore|uren|h|minutes|minuten|min|number|value",
)
"""What a task adds to a load."""

X = Role("x|x coordinate|x coord|x koordinate|agent x|task x|easting|rechtswert|pos x")
"""The coordinate to the east, in the plane."""

Y = Role("y|y coordinate|y coord|y koordinate|agent y|task y|northing|hochwert|pos y")
"""The coordinate to the north, in the plane."""

LATITUDE = Role("latitude|lat|breite|breitengrad|latitud|latitudine")
"""The coordinate to the north, in degrees."""

LONGITUDE = Role("longitude|lon|lng|long|lange|laengengrad|langengrad|longitud|longitudine")
"""The coordinate to the east, in degrees."""
