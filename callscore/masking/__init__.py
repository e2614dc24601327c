"""Personal data in recognised speech -> placeholders, before any of it leaves the machine. Pure but for the dictionary.

Names, patronymics and surnames become [имя], sequences of digits and of numbers spoken as words (phones, cards, orders, houses)
[номер], streets [адрес], e-mail addresses [почта]; in English [name], [number], [address], [email]. Prices, amounts, dates
without a year and times stay, for questions are often about them. When in doubt a word is masked: "света" is a name here.

What no rule can know passes: a rare surname that no dictionary lists, said in small letters far from any name.
"""

from callscore.masking.mask import mask_text, mask_turns
from callscore.masking.pieces import Piece

__all__ = ["Piece", "mask_text", "mask_turns"]
