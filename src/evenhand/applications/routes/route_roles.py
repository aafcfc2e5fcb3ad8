"""The columns of an office's tables for routes, with the words by which headers name them in several languages."""

from __future__ import annotations

from evenhand.tables.header_roles import AGENT, END, PAUSE, SPAN, START
from evenhand.tables.header_words import Role, words_of

STOP = Role(
    "stop|stops|stop id|stop name|customer|customers|kunde|kunden|client|address|adresse|halt|haltestelle|patient"
    "|location|ort|place|lieu|arret|parada|cliente|node|klant|fermata|naam",
    "name|id|nom|nombre|nome|task|visit|order|auftrag",
)

DEPOT = Role("depot|start depot|base|station|zentrale|betriebshof|standort|garage|lager|depot name|entrepot|deposito")

STOPS: dict[str, Role] = {
    "stop": STOP,
    "x": Role("x|x km|easting|rechtswert"),
    "y": Role("y|y km|northing|hochwert"),
    "latitude": Role("latitude|lat|breite|breitengrad|geographische breite|latitud|latitudine|breedtegraad"),
    "longitude": Role("longitude|lon|lng|long|lange|langengrad|geographische lange|longitud|longitudine|lengtegraad"),
    "demand": Role(
        "demand|load|weight|quantity|amount|kg|parcels|boxes|menge|bedarf|ladung|gewicht|pakete|demande|charge|poids"
        "|cantidad|carga|peso|demanda|domanda|quantita|carico|vraag|lading|gewicht|hoeveelheid"
    ),
    "service": Role(
        PAUSE.sure + "|service|service time|service minutes|duration|minutes|minuten|dauer|standzeit|aufenthalt|duree"
        "|bedienzeit|verweildauer|servicezeit|duracion|durata|on site|servicio|servizio|servicetijd|bedieningstijd"
    ),
    "from": Role(START.sure + "|earliest|window from|window start|fruhestens|opens|offnet|ready|ready time", "de|da"),
    "to": Role(END.sure + "|latest|window to|window end|spatestens|closes|schliesst|due|due date", "a"),
    "window": Role(
        SPAN.sure + "|window|time window|zeitfenster|lieferfenster|fenetre|fenetre horaire|ventana|ventana horaria"
        "|finestra|finestra oraria|venster|tijdvenster|opening hours|offnungszeiten"
    ),
}
"""Columns of the table of stops."""

VEHICLES: dict[str, Role] = {
    "driver": Role(
        AGENT.sure + "|fahrzeug|van|truck|lkw|car|wagen|tour|chauffeur|conducteur"
        "|conductor|autista|camion|vehicule|vehiculo|veicolo|voertuig|bestuurder",
        AGENT.perhaps,
    ),
    "depot": DEPOT,
    "capacity": Role(
        "capacity|kapazitat|zuladung|nutzlast|capacite|capacidad|capacita|capaciteit|max load|load limit|payload"
    ),
    "from": Role(START.sure + "|shift from|shift start|dienstbeginn|schichtbeginn|arbeitsbeginn|earliest", "de|da"),
    "to": Role(END.sure + "|shift to|shift end|dienstende|schichtende|arbeitsende|latest", "a"),
    "window": Role(SPAN.sure + "|shift|schicht|dienst|working hours|arbeitszeit|horaire|turno|dienstzeit"),
    "must drive": Role("must drive|must|muss fahren|pflicht|obligatory|mandatory|doit rouler|required"),
    "carried": Role(
        "carried|carried over|carried hours|so far|before|previous|ubertrag|bisher|mitgebracht|vortrag|reporte|vorwoche"
    ),
    "share": Role("share|entitlement|contract|contract hours|anteil|vertrag|vertragsstunden|wochenstunden|quote|part"),
    "most hours": Role(
        "most hours|max hours|maximum hours|max duration|longest duration|hochstdauer|duree max"
        "|hochststunden|max stunden|heures max|longest hours"
    ),
    "most km": Role("most km|max km|maximum km|most distance|max distance|hochstens km|km max|reichweite|range"),
}
"""Columns of the table of vehicles."""

YES = frozenset(["yes", "y", "true", "1", "x", "ja", "j", "wahr", "oui", "si", "sì", "must"])
NO = frozenset(["", "no", "n", "false", "0", "-", "nein", "falsch", "non"])
"""What cells say for yes and for no."""

DEPOT_WORDS = frozenset(words_of(
    "depot depots base zentrale betriebshof standort garage lager entrepot deposito magazzino almacen magazijn hub "
    "warehouse"
))  # fmt: skip
"""Names of a row that is the depot where no vehicle names one."""

LOAD_UNITS = frozenset(words_of("kg t tonnes tons lb l liter litre litres m3 pallets paletten palettes parcels pakete"))
"""Units that the headers of demand and capacity may name beside other words."""
