"""Titles of enterprises by size, growth and standing.

Published counts are marked ★, their sources are in fixtures/official_figures.json; all others are invented.
"""

from targets.demo.course import AWARD, EXTEND, Course, at, yearly

LISTED = "listed_company"

# Titles that others are counted with come first: `unite` and `until` look back.
STANDING = (
    Course(
        "little_giant",
        "national",
        at(
            ("2019-06-05", "2019-12-31", 4),
            ("2020-11-13", "2020-12-31", 14),
            ("2021-07-19", "2021-12-31", 28),  # ★
            ("2022-08-08", "2022-08-16", 81),  # ★
            ("2023-07-14", "2023-12-31", 166),
            ("2024-09-02", "2024-12-31", 232),  # ★
            ("2025-10-20", "2025-12-31", 261),
        ),
        removed=0.004,
        who="maker",
        prefer=1.5,
        batch=1,
    ),
    Course(
        "mfg_champion",
        "national",
        at(
            ("2019-11-27", "2019-12-31", 2),
            ("2020-12-18", "2020-12-31", 5),
            ("2021-11-15", "2021-12-31", 8),  # ★ 24 with the others
            ("2022-11-10", "2022-12-31", 10),
            ("2024-02-28", "2024-03-05", 12),  # ★ Wujin
            ("2025-04-28", "2025-12-31", 14),
        ),
        lapsed=0.0,
        who="maker",
        prefer=3,
        within="320412",
        batch=4,
    ),
    Course(
        "mfg_champion",
        "national",
        at(
            ("2019-11-27", "2019-12-31", 4),
            ("2020-12-18", "2020-12-31", 10),
            ("2021-11-15", "2021-12-31", 16),  # ★
            ("2022-11-10", "2022-12-31", 21),
            ("2024-02-28", "2024-03-05", 27),  # ★ 39 with Wujin
            ("2025-04-28", "2025-12-31", 32),
        ),
        failed=0.08,
        who="maker",
        prefer=3,
        outside="320412",
        batch=4,
    ),
    Course(
        "provincial_little_giant_2021",
        "provincial",
        yearly("12-10", 70, 118, 176),
        lapsed=0.55,
        unite=(("little_giant", "national"),),
        grown=0.5,
        graduated=0.4,
        who="maker",
    ),
    # Awarded before the renaming: today's title, but not in the sense of the plan.
    Course(
        "specialized_sme",
        "provincial",
        at(("2022-06-30", "2022-06-30", 12), ("2025-07-01", "2025-12-31", 12)),
        failed=0,
        lapsed=0,
        who="maker",
    ),
    Course(
        "specialized_sme",
        "provincial",
        yearly("12-22", 250, 470, 690, 860, first=2022),
        removed=0.01,
        lapsed=0.08,
        grown=0.6,
        unite=(("little_giant", "national"),),
        who="maker",
    ),
    Course("innovative_sme", "provincial", yearly("12-28", 210, 330, 430, 520, first=2022), lapsed=0.1),
    Course(
        "tech_sme", "none", yearly("06-30", 150, 160, 170, 180, 190, 200, 205), AWARD, 0, 0.12, again=True
    ),
    Course(
        "hitech_enterprise",
        "national",
        at(
            ("2018-11-30", "2018-12-31", 1210),
            ("2019-12-05", "2019-12-31", 1655),
            ("2020-12-02", "2020-12-31", 2120),
            ("2021-11-30", "2021-12-31", 2915),  # ★
            ("2022-12-12", "2022-12-31", 2934),
            ("2023-12-13", "2023-12-31", 2955),
            ("2024-12-16", "2024-12-31", 2978),
            ("2025-12-08", "2025-12-31", 2996),
        ),
        AWARD,
        failed=0,
        lapsed=0.02,
        removed=0.001,
        again=True,
        prefer=0.3,
    ),
    Course(
        LISTED,
        "none",
        yearly("12-20", 60, 70, 83, 90, 96, 101, 105),  # ★ 2021 and 2024
        removed=0.006,
        prefer=4,
        spread=True,
    ),
    Course(
        "listing_reserve",
        "municipal",
        yearly("05-20", 160, 290, 410, 500, 578, first=2021),
        removed=0.03,
        prefer=1.5,
        until=(LISTED, "none"),
    ),
    Course("unicorn", "none", yearly("04-22", 1, 1, 2, 3, 5, 7, 9), prefer=2),
    Course(
        "potential_unicorn",
        "none",
        yearly("04-22", 15, 22, 31, 38, 45, 51, 57),  # ★ 2021, with the unicorns
        removed=0.01,
        unite=(("unicorn", "none"),),
        grown=1.0,
        graduated=0.5,
        prefer=1.5,
    ),
    Course("gazelle", "none", yearly("09-15", 96, 148, 201, 262, 325, 390, 452), removed=0.02),  # ★ 2021
    Course(
        "china_top_500", "national", yearly("09-06", 2, 2, 2, 3, 3, 3, 3), AWARD, 0, 0, who="giant", prefer=9
    ),
    Course(
        "china_mfg_top_500",
        "national",
        yearly("09-06", 4, 4, 5, 5, 6, 6, 6),
        AWARD,
        0,
        0,
        who="giant",
        prefer=9,
    ),
    Course(
        "china_industry_award",
        "national",
        at(("2019-12-08", "2019-12-31", 1), ("2023-03-19", "2023-12-31", 2)),
        who="giant",
    ),
    Course(
        "above_scale",
        "none",
        yearly("03-10", 1480, 1610, 1850, 2120, 2370, 2600, 2800),
        EXTEND,
        0,
        0.015,
        prefer=2,
    ),
)
