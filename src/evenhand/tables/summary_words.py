"""The words by which offices name the rows and columns that sum up the others, in the languages of spreadsheets."""

from __future__ import annotations

import unicodedata

TOTAL, MEAN, MAXIMUM, MINIMUM = "total", "mean", "maximum", "minimum"
COUNT, MEDIAN, DEVIATION, RANGE = "count", "median", "standard deviation", "range"
RUNNING, RANK = "running number", "rank"


def normalised(text: str) -> str:
    """Return a text by which names are compared: without case, and each character in one form."""
    return unicodedata.normalize("NFKC", text).casefold()


def _set(text: str) -> frozenset[str]:
    return frozenset(normalised(text).split())


# Phrases are written without spaces.
WORDS = {
    TOTAL: _set("""
        total totals totale totali totaal totalt totales totaux totais totalen sum sums sumy summe
        summen subtotal subtotals zwischensumme gesamt gesamtsumme gesamtergebnis insgesamt endsumme
        somma somme suma sumas soma som tot ges yhteensä summa altogether overall all razem łącznie suma
        ergebnis teilergebnis ialt samtals
        celkem součet összesen összeg yhteensa toplam ukupno skupaj spolu kokku kopā viso итого всего
        сумма разом общо σύνολο σ ∑ 合計 总计 總計 合计 小計 小计 합계 총계 कुल योग jumlah tổng รวม
        المجموع مجموع إجمالي الإجمالي סה סך
    """),
    MEAN: _set("""
        mean means average averages avg durchschnitt mittelwert mittel schnitt ø media medie medio
        promedio promedios moyenne moyennes moy gemiddelde gemiddeld genomsnitt medelvärde gennemsnit
        gjennomsnitt middel medel snitt snittet mw ave povprečje priemer vidurkis vidējais vidējā meðaltal
        औसत ค่าเฉลี่ย keskiarvo średnia średnio průměr átlag ortalama keskmine prosjek среднее
        средняя середнє средно μέσος 平均 平均値 平均值 均值 평균 média médias rata المتوسط متوسط ממוצע
    """),
    MAXIMUM: _set("""
        max maximum maxima maximal maximale maximalwert maks maksimum maksimi maksimal maksimalno máximo
        maximo máxima massimo massima maximaal maximalt maximální maximálně największy najwyższy
        nejvyšší legnagyobb suurin suurim største størst högst högsta störst största enbüyük najveći največji lielākais
        maximul hámark максимум макс максимальный максимальное максимално μέγιστο μέγιστη 最大 最大値
        最大值 최대 최댓값 최대값 अधिकतम terbesar tertinggi tốiđa lớnnhất สูงสุด أقصى الأقصى الحدالأقصى
        حداکثر מקסימום מרבי
    """),
    MINIMUM: _set("""
        min minimum minima minimal minimale minimalwert minimi minimalno mínimo minimo mínima minima
        minimaal minimalt minimální minimálně najmniejszy najniższy nejnižší nejmenší legkisebb pienin
        vähim laveste lavest lägst lägsta minst minsta enküçük najmanji najmanjši mazākais minimul
        lágmark минимум мин мінімум минимальный минимальное минимално ελάχιστο ελάχιστη 最小 最小値
        最小值 최소 최솟값 최소값 न्यूनतम terkecil terendah tốithiểu nhỏnhất ต่ำสุด أدنى الأدنى
        الحدالأدنى حداقل מינימום מזערי
    """),
    COUNT: _set("""
        count counts counta anzahl cuenta contar antal nombre nb cantidad recuento conteo conteggio quantidade
        contagem aantal liczba ilość lukumäärä počet darab darabszám adet sayı sayısı broj število arv
        skaits număr fjöldi количество кол колво кількість брой πλήθος αριθμός 件数 個数 数量 计数 計數
        個數 개수 건수 गिनती संख्या banyaknya sốlượng จำนวน عدد العدد تعداد מספר כמות #
    """),
    MEDIAN: _set("""
        median mediaan médiane mediane mediana mediani medián medyan medijan medijana mediāna mediaani
        miðgildi медиана медіана διάμεσος 中央値 中位数 中位數 중앙값 중위수 मध्यिका trungvị มัธยฐาน
        الوسيط وسيط میانه חציון
    """),
    DEVIATION: _set("""
        std stdev stddev stdevp stdevs sd stabw stabwn standarddeviation standardabweichung standardabw
        écarttype ecarttype desviaciónestándar desviacionestandar desvest desviopadrão desviopadrao
        desvpad deviazionestandard devst scartotipo standaardafwijking standaarddeviatie
        standardavvikelse standardafvigelse standardavvik stdavvik stdav keskihajonta
        odchyleniestandardowe odchstandardowe směrodatnáodchylka smodch szórás standartsapma stsapma
        standardnadevijacija standardniodklon standardhälve standartnovirze deviațiastandard
        staðalfrávik стандартноеотклонение стандоткл стандартнеотклонение стандартневідхилення
        стандартноотклонение τυπικήαπόκλιση 標準偏差 标准差 標準差 표준편차 मानकविचलन simpanganbaku
        độlệchchuẩn ส่วนเบี่ยงเบนมาตรฐาน الانحرافالمعياري انحرافمعیار סטייתתקן
    """),
    RANGE: _set("""
        range spread spannweite spanne étendue etendue rango escursione amplitude amplitud spreiding
        rozstęp variationsbredd variationsbredde vaihteluväli rozpětí terjedelem размах εύρος 範囲 极差
        全距 범위 rentang טווח
    """),
    RANK: _set("rank ranks ranking rang rangliste platzierung classement rango posição ранг 順位 排名 순위"),
    RUNNING: _set("id ids no nr num number nummer # lfd lfdnr row index pos position n° nº № 番号 编号 번호"),
}  # fmt: skip
"""What a row is called, and the words, normalised."""

FIRST_NAMES = frozenset({"max", "min"})
"""Words that are also people's first names: as one of several words, and of a single number, they say nothing."""

SHORTEST_PART = 4
"""Shortest word, in characters, that is also recognised as a part of a longer one: Gesamtkosten, RowTotal."""

PARTS = {
    what: tuple(word for word in known if len(word) >= SHORTEST_PART)
    for what, known in WORDS.items()
    if what not in (RANK, RUNNING)
}
