"""Who comes to the demo clinic, and what was said, written and agreed there in the last months. All of it is made up."""

from __future__ import annotations

from core.demo.clinic_shapes import Comes, Copied, Let, Meeting, Said, Talk, Wrote
from core.demo.findings import Visit

BACK, NOSE, SCALP, CALF = ("back", "Mole by the strap"), ("nose", "Sore by the nose"), ("scalp", "Rough patch"), ("leg", "Mole on the calf")

ANA = Comes(
    "ana@demo.example",
    "Ana Ruiz",
    1986,
    let=(Let("lena", 180), Let("tomas", 340, "retina chart")),
    takes=(("Metformin", "500 mg, twice a day", 700, None), ("Cetirizine", "10 mg at night", 55, 20)),
    allergies=(("Nickel", "an itchy rash under the watch"), ("Penicillin", "hives, as a child")),
    notes=(
        Wrote(
            "lena",
            80,
            (
                "Dry, red patches in both elbows and on the trunk.",
                "Atopic eczema, moderate",
                "Moisturise twice a day, also when it is better.",
                "Moisturiser; hydrocortisone 1 % for three weeks if it gets worse.",
            ),
            53,
        ),
        Wrote(
            "lena",
            53,
            (
                "More patches than last time; she scratches at night.",
                "Atopic eczema, moderate",
                "Cut the nails short, wear cotton at night.",
                "Hydrocortisone 1 % once a day, three weeks.",
            ),
            26,
        ),
        Wrote("lena", 52, ("As written yesterday; the cream goes on the arms only, not on the face.", "", "", ""), amends=True),
        Wrote("lena", 26, ("Clearly better.", "Atopic eczema, getting better", "Go on.", "Wet wraps at night when it itches."), -14),
        Wrote("lena", 1, ("Mole on the back is larger than two months ago.", "", "", "Look at it here, with a dermatoscope."), draft=True),
        Wrote(
            "tomas",
            11,
            (
                "Right eye: small bleeds and hard exudates, away from the macula.",
                "Moderate changes from diabetes, right",
                "Keep sugar and blood pressure in range.",
                "Photo of both eyes again in six months.",
            ),
            -170,
        ),
    ),
    said=(
        Said("lena", 170, "skin", 0, "nv", "A common mole. Photograph it again in two months."),
        Said("lena", 82, "skin", 4, "bkl", "Harmless. It may be left alone."),
        Said("lena", 15, "skin", 4, "bkl", "The same after half a year.", "course"),
        Said("tomas", 11, "retina", 7, "2", "I agree. Please come in six months."),
    ),
    talks=(
        Talk(
            "lena",
            (
                (58, True, "The cream burns a little. Is that all right?"),
                (57, False, "Yes, for the first days. Tell me if it goes on."),
                (4, True, "The mole on my back looks different to me. I took a photo."),
                (3, False, "Thank you. I should like to see it. Please take a time this or next week."),
                (1, False, "I have kept a time free for you on my list."),
            ),
            new_for_patient=1,
        ),
        Talk(
            "tomas",
            (
                (12, True, "I took photos of both eyes today."),
                (11, False, "I saw them. The right one needs a closer look in six months."),
            ),
        ),
    ),
    meetings=(
        Meeting("lena", 80, 0),
        Meeting("lena", 53, 3),
        Meeting("lena", 26, 2),
        Meeting("lena", -5, 1, wish="The mole on my back."),
        Meeting("tomas", -12, 4, "video"),
    ),
)

JONAS = Comes(
    "jonas@demo.example",
    "Jonas Weber",
    1958,
    let=(Let("lena", 150),),
    moles=(
        Visit(120, 61, "bcc", ("bcc", "bkl"), {"bcc": 0.61, "bkl": 0.24, "akiec": 0.07}, NOSE, look="pink", zoom=1.12),
        Visit(92, 61, "bcc", ("bcc",), {"bcc": 0.78, "bkl": 0.1, "akiec": 0.05}, NOSE, look="pink", changed=True),
    ),
    takes=(("Ramipril", "5 mg in the morning", 900, None),),
    notes=(
        Wrote(
            "lena",
            88,
            (
                "Pearly nodule of 6 mm with small vessels.",
                "Suspected basal cell carcinoma",
                "It grows slowly; it should come off.",
                "Biopsy this week.",
            ),
            80,
        ),
        Wrote(
            "lena",
            74,
            (
                "The wound heals well.",
                "Basal cell carcinoma, removed, edges free",
                "Sun cream, a hat.",
                "Look at all of the skin once a year.",
            ),
            -290,
        ),
    ),
    said=(
        Said("lena", 110, "skin", 0, "bcc", "I should like to see this. Please come in."),
        Said("lena", 74, "skin", 1, "bcc", "Basal cell carcinoma. All of it is out.", "biopsy"),
    ),
    talks=(Talk("lena", ((75, False, "Good news: all of it is out."), (74, True, "What a relief. Thank you!"))),),
    meetings=(Meeting("lena", 88, 1), Meeting("lena", 81, 4), Meeting("lena", 74, 0)),
    tasks=(("lena", "Letter to the family doctor of Jonas Weber", -1),),
)

MILA = Comes(
    "petra@demo.example",
    "Petra Horvat",
    1987,
    child=("Mila Horvat", 2019),
    let=(Let("lena", 60, "eczema diary chart"),),
    copied=(Copied("eczema", 5, 35), Copied("eczema", 3, 3)),
    poem=(8, 7, 8, 9, 9, 13),
    used=(("Moisturiser with urea", "emollient", 50, None), ("Cotton gloves at night", "other", 20, None)),
    allergies=(("Egg", "swollen lips"),),
    notes=(
        Wrote(
            "lena",
            34,
            ("Both elbows, a little.", "Atopic eczema, mild", "Short lukewarm baths, then moisturiser.", "Come back if it gets worse."),
            -10,
        ),
    ),
    said=(Said("lena", 34, "eczema", 0, "", "A mild flare. Go on with the moisturiser."),),
    talks=(
        Talk(
            "lena",
            ((2, True, "It got worse since the heating is on. She wakes up at night."), (2, True, "Shall we come earlier?")),
            new_for_doctor=2,
        ),
    ),
    meetings=(Meeting("lena", 34, 2), Meeting("lena", -8, 3, wish="The eczema of Mila got worse.")),
)

LUKASZ = Comes(
    "lukasz@demo.example",
    "Łukasz Żółć",
    1975,
    let=(Let("tomas", 200, "retina chart"),),
    copied=(Copied("retina", 5, 190), Copied("retina", 4, 190), Copied("retina", 7, 6), Copied("retina", 6, 6)),
    takes=(("Insulin glargine", "18 units at night", 1200, None), ("Atorvastatin", "20 mg", 500, None)),
    notes=(
        Wrote(
            "tomas",
            185,
            (
                "A few microaneurysms in both eyes.",
                "Mild changes from diabetes",
                "Have your sugar checked every three months.",
                "Photos again in six months.",
            ),
            5,
        ),
    ),
    said=(Said("tomas", 185, "retina", 0, "1", "Mild. Come again in six months."),),
    talks=(Talk("tomas", ((6, True, "New photos of both eyes are in."),), new_for_doctor=1),),
    meetings=(Meeting("tomas", 185, 0), Meeting("tomas", -4, 2, wish="To talk about the new photos.", status="asked")),
)

FATIMA = Comes(
    "fatima@demo.example",
    "Fatima Benali",
    1990,
    let=(Let("lena", 130),),
    copied=(Copied("eczema", 2, 88), Copied("eczema", 4, 45), Copied("eczema", 6, 5), Copied("eczema", 0, 86, "trunk")),
    poem=(19, 18, 16, 16, 14, 13, 12, 11, 11, 9, 8, 7),
    po_scorad=(38, 27, 14),
    used=(("Tacrolimus 0.1 %", "calcineurin", 80, None), ("Betamethasone", "steroid", 88, 60)),
    takes=(("Vitamin D", "1000 IU", 300, None),),
    notes=(
        Wrote(
            "lena",
            85,
            (
                "Widespread, mostly arms and trunk.",
                "Atopic eczema, severe",
                "Sleep matters: tell me if you cannot.",
                "Betamethasone for four weeks, then tacrolimus.",
            ),
            45,
        ),
        Wrote("lena", 44, ("Much better, no new patches.", "Atopic eczema, moderate", "Go on with tacrolimus twice a week.", ""), -20),
    ),
    said=(
        Said("lena", 85, "eczema", 0, "", "This is a flare. Start the cream today."),
        Said("lena", 4, "eczema", 3, "", "Well done."),
        Said("lena", 4, "eczema", 0, "", "Nearly clear under tacrolimus.", "treatment"),
    ),
    talks=(
        Talk(
            "lena",
            (
                (5, True, "I sleep through the night again!"),
                (4, False, "That is the best news of the week."),
            ),
        ),
    ),
    meetings=(Meeting("lena", 85, 4), Meeting("lena", 44, 1, "video"), Meeting("lena", -16, 0, "video")),
    rated=(
        (0, {"redness": 2, "swelling": 2, "oozing": 1, "scratching": 2, "thickening": 1, "dryness": 2}, None, 38.0),
        (3, {"redness": 1, "swelling": 0, "oozing": 0, "scratching": 1, "thickening": 1, "dryness": 1}, None, 14.0),
    ),
)

DAYO = Comes(
    "dayo@demo.example",
    "Dayo Adeyemi",
    1966,
    let=(Let("tomas", 380), Let("lena", 100, "chart")),
    copied=(Copied("retina", 2, 370), Copied("retina", 1, 370), Copied("retina", 2, 7)),
    takes=(("Empagliflozin", "10 mg in the morning", 400, None),),
    notes=(Wrote("tomas", 369, ("No changes.", "No changes from diabetes in either eye", "Good as it is.", "Photos once a year."), 5),),
    said=(
        Said("tomas", 369, "retina", 0, "0", "Nothing to see, which is good."),
        Said("tomas", 369, "retina", 1, "0", "Nothing here either."),
    ),
    meetings=(Meeting("tomas", -19, 0),),
)

INGRID = Comes(
    "ingrid@demo.example",
    "Ingrid Sørensen",
    1949,
    let=(Let("lena", 210), Let("tomas", 200, "retina", ends=100)),
    moles=(
        Visit(205, 88, "akiec", ("akiec", "bkl"), {"akiec": 0.58, "bkl": 0.22, "bcc": 0.1}, SCALP, look="red"),
        Visit(95, 88, "bkl", ("akiec", "bkl"), {"bkl": 0.55, "akiec": 0.3, "bcc": 0.05}, SCALP, look="red", growth=0.7),
    ),
    takes=(("Bisoprolol", "2.5 mg", 2000, None), ("Imiquimod", "cream, three times a week", 198, 120)),
    allergies=(("Sticking plaster", "blisters"),),
    notes=(
        Wrote(
            "lena",
            200,
            ("Rough, red patch of 12 mm on the scalp.", "Actinic keratosis", "Wear a hat, all year.", "Imiquimod for eleven weeks."),
            95,
        ),
        Wrote("lena", 94, ("Nearly gone.", "Actinic keratosis, healed", "Sun cream.", ""), -270),
    ),
    said=(
        Said("lena", 200, "skin", 0, "akiec", "A sign of many summers. It can be treated."),
        Said("lena", 94, "skin", 0, "akiec", "It went away under imiquimod.", "treatment"),
        Said("lena", 94, "skin", 1, "bkl", "What is left is harmless."),
    ),
    meetings=(Meeting("lena", 200, 0), Meeting("lena", 94, 5)),
)

MINH = Comes(
    "minh@demo.example",
    "Minh Trần",
    1988,
    let=(Let("lena", 170, "skin", ends=-20),),
    moles=(
        Visit(165, 104, "nv", ("nv",), {"nv": 0.94, "bkl": 0.03}, CALF),
        Visit(100, 104, "nv", ("nv",), {"nv": 0.92, "bkl": 0.04}, CALF, light=0.95),
        Visit(30, 104, "nv", ("nv",), {"nv": 0.93, "bkl": 0.03}, CALF, light=1.04),
    ),
    allergies=(("Latex", "red hands"),),
    said=(Said("lena", 160, "skin", 0, "nv", "A common mole."), Said("lena", 25, "skin", 0, "nv", "The same for five months.", "course")),
    meetings=(Meeting("lena", 25, 3, "video"),),
)

SOFIA = Comes(
    "sofia@demo.example",
    "Sofia Rossi",
    1983,
    let=(Let("lena", 240, taken_back=35), Let("tomas", 34, "skin diary")),
    moles=(Visit(230, 131, "bkl", ("bkl",), {"bkl": 0.83, "nv": 0.1}, site="shoulder", look="keratosis"),),
    poem=(6, 5, 5, 4),
    notes=(Wrote("lena", 228, ("Brown, stuck-on patch.", "Seborrhoeic keratosis", "It may be left alone.", ""), None),),
    said=(Said("lena", 228, "skin", 0, "bkl", "Harmless."), Said("lena", 220, "skin", 0, "bkl", "Seborrhoeic keratosis.", "biopsy")),
    talks=(Talk("lena", ((227, True, "Can it come off all the same?"), (226, False, "It can, but the health fund does not pay for it."))),),
    meetings=(Meeting("lena", 228, 2),),
)

PAVEL = Comes(
    "pavel@demo.example",
    "Pavel Novotný",
    1971,
    let=(Let("lena", 2), Let("tomas", 2)),
    meetings=(Meeting("tomas", -11, 3, wish="First visit. My family doctor sent me.", status="asked"),),
    talks=(Talk("lena", ((2, True, "Good morning, I am new here. Which photos do you need?"),), new_for_doctor=1),),
)

AISHA = Comes(
    "aisha@demo.example",
    "Aisha Khan",
    1995,
    let=(Let("lena", 45),),
    moles=(Visit(18, 152, "mel", ("mel", "nv"), {"mel": 0.52, "nv": 0.36, "bkl": 0.06}, BACK, look="irregular", changed=True),),
    copied=(Copied("eczema", 1, 40),),
    poem=(21, 22, 22, 20),
    used=(("Moisturiser", "emollient", 40, None),),
    notes=(Wrote("lena", 39, ("Red, dry patches on the arms.", "Atopic eczema, severe", "Moisturise twice a day.", "Blood test."), 10),),
    talks=(
        Talk(
            "lena",
            (
                (17, True, "I have no time before next month, sorry."),
                (16, False, "Please make it sooner: this mole should be seen within two weeks."),
            ),
        ),
    ),
    meetings=(Meeting("lena", 39, 2), Meeting("lena", 12, 1, status="cancelled")),
    tasks=(("lena", "Call Aisha Khan: she called off her visit", 1), ("lena", "Blood test of Aisha Khan", 10)),
)

EMIL = Comes(
    "emil@demo.example",
    "Emil Lindqvist",
    1940,
    let=(Let("tomas", 30), Let("lena", 30, "skin chart")),
    copied=(Copied("retina", 7, 9), Copied("retina", 4, 9)),
    takes=(("Gliclazide", "60 mg", 800, None), ("Amlodipine", "5 mg", 900, 60)),
    allergies=(("Fluorescein", "nausea"),),
    notes=(Wrote("tomas", 8, ("Right eye: bleeds in two quarters.", "", "", "See him here before the end of the month."), draft=True),),
    talks=(
        Talk(
            "tomas",
            (
                (9, True, "My daughter took the photos for me."),
                (8, False, "They are good. Please come in; my desk will call you."),
            ),
            new_for_patient=1,
        ),
    ),
    tasks=(("tomas", "Find a time for Emil Lindqvist", -2),),
)

PEOPLE = (ANA, JONAS, MILA, LUKASZ, FATIMA, DAYO, INGRID, MINH, SOFIA, PAVEL, AISHA, EMIL)
