"""Two classes of confidentiality: one that stops everything, and one that stops copies for parties."""

from evidence.secrecy import Effect, SecrecyClass

QUOTE = "应严格按照保密工作的有关规定和权限进行管理"
STATE = SecrecyClass(
    "STATE_SECRET",
    {"zh-CN": "国家秘密", "en": "state secret"},
    3,
    ("绝密", "机密", "秘密"),
    frozenset(Effect),
    {"zh-CN": "保密员", "en": "the secrecy officer"},
    "32",
    QUOTE,
)
TRADE = SecrecyClass(
    "TRADE_SECRET",
    {"zh-CN": "商业秘密", "en": "trade secret"},
    2,
    ("商密",),
    frozenset({Effect.COPIES}),
    {},
    "32",
    QUOTE,
    separable=True,
)
CLASSES = (STATE, TRADE)
