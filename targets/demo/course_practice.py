"""Titles of enterprises for how they work: green, smart, digital, serving, of high quality.

Published counts are marked ★, their sources are in fixtures/official_figures.json; all others are invented.
"""

from targets.demo.course import Course, at, yearly

PRACTICE = (
    # Green and smart
    Course(
        "green_factory",
        "national",
        at(
            ("2019-09-11", "2019-12-31", 5),
            ("2020-10-16", "2020-12-31", 9),
            ("2021-12-10", "2021-12-31", 18),
            ("2023-02-20", "2023-03-17", 36),  # ★
            ("2023-11-30", "2023-12-31", 47),
            ("2024-12-10", "2024-12-31", 58),
            ("2025-11-28", "2025-12-31", 69),
        ),
        removed=0.012,
        who="maker",
        prefer=3,
        batch=4,
    ),
    Course(
        "green_factory",
        "provincial",
        yearly("11-06", 12, 32, 66, 108, 150, 192, 228),  # ★ 2025, with the national ones
        removed=0.012,
        unite=(("green_factory", "national"),),
        grown=0.45,
        who="maker",
        prefer=2,
    ),
    Course("green_factory", "municipal", yearly("10-18", 24, 41, 60, 78, 95, first=2021), who="maker"),
    Course(
        "smart_factory",
        "national",
        at(
            ("2022-12-05", "2022-12-31", 1), ("2023-11-20", "2023-12-31", 2), ("2024-12-20", "2025-05-08", 3)
        ),  # ★
        who="giant",
    ),
    Course(
        "smart_factory",
        "provincial",
        at(
            ("2019-12-16", "2019-12-31", 4),
            ("2020-12-21", "2020-12-31", 9),
            ("2021-12-08", "2021-12-31", 15),  # ★
            ("2022-11-25", "2022-12-31", 29),
            ("2023-12-04", "2023-12-31", 46),
            ("2024-06-18", "2024-12-31", 61),
            ("2025-04-10", "2025-05-08", 78),  # ★
            ("2025-11-14", "2025-12-31", 85),
        ),
        removed=0.01,
        who="maker",
        prefer=4,
    ),
    Course(
        "smart_factory", "municipal", yearly("12-15", 40, 66, 95, 121, 140, first=2021), who="maker", prefer=2
    ),
    Course(
        "iiot_benchmark_factory",
        "provincial",
        yearly("12-09", 3, 8, 15, 22, 29, 33, first=2020),
        who="maker",
        prefer=3,
    ),
    Course("full_5g_factory", "provincial", yearly("11-22", 1, 3, 5, first=2023), who="maker", prefer=4),
    # The digital side
    Course(
        "star_cloud_enterprise",
        "provincial",
        yearly("11-12", 330, 520, 730, 940, 1145, 1340, 1545),
        removed=0.002,
    ),
    Course(
        "cloud_enterprise",
        "none",
        yearly("10-25", 120, 210, 320, 440, 560, 680, 790),
        spread=True,
        prefer=0.3,
    ),
    Course(
        "leading_service_provider",
        "provincial",
        yearly("09-28", 6, 10, 15, 20, 24, 28, first=2020),
        who="services",
    ),
    # Services
    Course("producer_service_leader", "provincial", yearly("08-19", 2, 3, 4, 5, 6, 7, 8), who="services"),
    Course(
        "producer_service_leader", "municipal", yearly("08-30", 8, 13, 18, 23, 27, 31, 34), who="services"
    ),
    Course("fusion_demo", "municipal", yearly("07-21", 20, 42, 63, 81, 97, first=2021), prefer=2),
    Course("service_mfg_demo", "national", yearly("11-03", 1, 1, 2, 2, 3, 3, 3), who="maker", prefer=4),
    Course(
        "service_mfg_demo",
        "provincial",
        yearly("12-02", 34, 52, 78, 104, 130, 154, 176),
        who="maker",
        prefer=2,
    ),
    # Quality
    Course("china_quality_award", "national", yearly("09-16", 1, 1, 2, 2, 2, 2, 2), who="giant"),
    Course("governor_quality_award", "provincial", yearly("12-19", 5, 6, 7, 7, 8, 9, 10), prefer=5),
    Course("mayor_quality_award", "municipal", yearly("10-11", 21, 26, 31, 36, 42, 47, 53), prefer=3),
    Course("jiangsu_premium", "provincial", yearly("10-27", 6, 14, 26, 40, 55, 68, 80), prefer=2),
)
