"""Names and codes of enterprises that do not exist: marked by 示例 and by a registration authority 000000."""

from random import Random

from registry import codes, names
from registry.demo import MARK

SOURCE = f"{MARK}数据（虚构）"

FIRST = "澄泓铭锐启辰晟昱恺珩屹朔翎卓骏沐瀚钧霖曜峻澈岚祺煜嵘炜溪芃禾"
SECOND = "远川图拓源腾方迈格微创捷诺博奇宸耀盈立信邦固德彦维途越致新域"
FORMS = ("{mark}{brand}{word}(常州)有限公司", "{mark}{brand}(常州){word}有限公司")
GROUP = "{mark}{brand}{word}(常州)集团有限公司"


class Register:
    """Gives every name and every code once."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.taken: set[str] = set()
        self.codes: set[str] = set()

    def name(self, word: str, forms: tuple[str, ...] = FORMS) -> str:
        while True:
            brand = self.rng.choice(FIRST) + self.rng.choice(SECOND)
            name = self.rng.choice(forms).format(mark=MARK, brand=brand, word=word)
            if names.key(name) not in self.taken:
                self.taken.add(names.key(name))
                return name

    def uscc(self) -> str:
        while True:
            number = f"{self.rng.randrange(10**7):07d}"
            if number not in self.codes:
                self.codes.add(number)
                return codes.with_check_character(f"91{codes.DEMO_AUTHORITY}MA{number}")
