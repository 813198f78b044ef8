"""Titles of things: workshops, products, centres, platforms, parks, standards, projects.

Published counts are marked ★, their sources are in fixtures/official_figures.json; all others are invented.
"""

from targets.demo.course import Course, at, yearly

THINGS = (
    Course(
        "smart_workshop",
        "provincial",
        at(
            ("2019-12-16", "2019-12-31", 62),
            ("2020-12-21", "2020-12-31", 113),
            ("2021-12-08", "2021-12-31", 165),  # ★
            ("2022-11-25", "2022-12-31", 221),
            ("2023-12-04", "2023-12-31", 275),
            ("2024-06-18", "2024-12-31", 318),
            ("2025-04-10", "2025-05-08", 357),  # ★
            ("2025-11-14", "2025-12-31", 372),
        ),
        removed=0.008,
        who="maker",
        prefer=3,
        item="workshop",
    ),
    Course(
        "smart_workshop",
        "municipal",
        yearly("12-15", 60, 105, 150, 190, 225, first=2021),
        who="maker",
        item="workshop",
    ),
    Course(
        "provincial_specialized_product",
        "provincial",
        yearly("11-18", 60, 95, 130),
        who="maker",
        item="specialized",
    ),
    Course(
        "iiot_platform", "national", yearly("12-01", 1, 1, 1, first=2023), who="services", item="platform"
    ),
    Course(
        "iiot_platform", "provincial", yearly("11-26", 4, 8, 13, 18, 22, 25, 27), item="platform", prefer=2
    ),
    Course("iiot_platform", "municipal", yearly("10-30", 6, 10, 15, 19, 23, 26, first=2020), item="platform"),
    Course(
        "first_set_equipment",
        "provincial",
        yearly("12-23", 6, 9, 12, 16, 20, 24, 28),
        who="maker",
        item="product",
        prefer=2,
    ),
    Course(
        "first_set_sxc", "municipal", yearly("10-09", 4, 8, 22, 37, 52, 66, 80), who="maker", item="product"
    ),
    Course(
        "enterprise_tech_center",
        "national",
        yearly("12-14", 14, 15, 16, 16, 17, 17, 17),
        item="tech_center",
        prefer=5,
    ),
    Course(
        "enterprise_tech_center",
        "provincial",
        yearly("12-14", 260, 292, 320, 346, 372, 395, 415),
        item="tech_center",
        prefer=2,
    ),
    Course(
        "enterprise_tech_center",
        "municipal",
        yearly("11-04", 90, 130, 170, 205, 240, first=2021),
        item="tech_center",
    ),
    Course(
        "engineering_research_center",
        "national",
        yearly("12-20", 2, 2, 2, 2, 3, 3, 3),
        item="research_center",
        prefer=5,
    ),
    Course(
        "engineering_research_center",
        "provincial",
        yearly("12-20", 30, 36, 42, 47, 53, 58, 63),
        item="research_center",
    ),
    Course(
        "engineering_tech_center",
        "provincial",
        yearly("10-15", 210, 240, 266, 291, 315, 337, 357),
        item="engineering_center",
    ),
    Course(
        "mfg_innovation_center",
        "provincial",
        yearly("12-27", 1, 1, 2, 3, 3, 4, 4),
        item="innovation_center",
        prefer=5,
    ),
    Course(
        "tech_innovation_center",
        "provincial",
        yearly("11-29", 1, 1, 1, first=2023),
        item="innovation_center",
        prefer=5,
    ),
    Course(
        "industrial_design_center",
        "national",
        yearly("11-24", 2, 2, 3, 3, 4, 4, 4),
        item="design_center",
        prefer=5,
    ),
    Course(
        "industrial_design_center",
        "provincial",
        yearly("10-23", 24, 30, 39, 48, 57, 66, 74),
        item="design_center",
        prefer=2,
    ),
    Course(
        "industrial_design_center",
        "municipal",
        yearly("09-09", 30, 45, 61, 76, 90, first=2021),
        item="design_center",
    ),
    Course(
        "energy_saving_project",
        "none",
        yearly("11-10", 30, 36, 74, 117, 162, 205, 249),
        who="maker",
        item="energy",
    ),
    Course("international_standard", "none", yearly("12-03", 2, 2, 3, 4, 6, 7, 8), item="standard", prefer=4),
    Course(
        "national_standard",
        "national",
        yearly("12-03", 28, 35, 46, 58, 70, 82, 93),
        item="standard",
        prefer=3,
    ),
    Course(
        "industry_standard", "none", yearly("12-03", 20, 27, 36, 46, 56, 65, 74), item="standard", prefer=3
    ),
    Course(
        "standard_innovation_base", "provincial", yearly("09-01", 1, 1, 2, 2, 2, 2, 2), item="base", prefer=4
    ),
    Course(
        "standard_innovation_award",
        "provincial",
        yearly("10-12", 1, 1, 2, 3, 4, 5, 6),
        item="award",
        prefer=4,
    ),
    # Held by no enterprise
    Course("mfg_cluster", "national", yearly("11-30", 1, 1, 1, 1, first=2022), item="cluster"),
    Course("strategic_cluster", "national", yearly("06-16", 1, 1, first=2024), item="cluster"),
    Course("green_park", "national", yearly("11-28", 1, 1, 2, 2, 3, 3, 3), item="park"),
    Course("green_park", "provincial", yearly("11-06", 1, 2, 4, 5, 6, first=2021), item="park"),
    Course("smart_mfg_zone", "municipal", yearly("12-11", 6, 12, 19, 26, 31, first=2021), item="park"),
    Course("producer_service_zone", "municipal", yearly("08-30", 9, 11, 14, 16, 19, 21, 22), item="park"),
    Course("fortune_500_landed", "none", yearly("12-18", 3, 5, 7, 10, 12, 14, 16), item="landed"),
    Course("regional_headquarters", "none", yearly("12-18", 1, 2, 4, 5, 7, 8, 9), item="headquarters"),
)
