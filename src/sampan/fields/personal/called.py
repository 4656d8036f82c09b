"""What the name of a column calls its cells, and whom it mentions."""

from __future__ import annotations

import re
import unicodedata

from sampan.column import LONGEST
from sampan.fields.personal.pools import is_han

_CALLED: tuple[tuple[str, str], ...] = (  # first match wins; on the words of a column's name
    ("e-mail", r"e ?mails?( addr(ess)?)?|mail|電郵(地址)?|电邮(地址)?|邮箱|郵箱"
     r"|電子郵件|电子邮件|電子郵箱|电子邮箱"),
    ("ip", r"ip( addr(ess)?)?|ipv4|ipv6"),
    ("url", r"(home ?page|web ?site|profile)( url| link)?|網址|网址"),
    ("hkid", r"hk ?id( no| number| card)?( no| number)?|香港身份證(號碼)?"
     r"|身份證(號碼?)?|身份证(号码?)?"),
    ("account", r"(bank )?(account|acct|a c)( no| num| number| nbr)|bank account|account"
     r"|octopus( no| card( no)?)?"
     r"|(銀行|银行)?(戶口|户口|賬戶|账户|帳戶|帐户)(號碼?|号码?)|(銀行|银行)(戶口|户口|賬戶|账户|帳戶|帐户)"
     r"|戶口|户口|(賬|账|帳|帐)(號|号)|八達通(號碼?|卡號?)?"),
    ("id number", r"(national|citizen|social security|social insurance) ?(id|number|no)( no| number)?"
     r"|ssn|nric|nin|id ?card( no| number)?|居民身份[證证](號碼?|号码?)?|證件(號碼?)|证件(号码?)"),
    ("card number", r"(credit|debit|payment|bank)? ?card( no| num| number| nbr)|cc( no| num| number)"
     r"|credit card|pan|信用卡(號碼?|号码?)?|卡號|卡号"),
    ("iban", r"iban( no| number)?"),
    ("passport", r"passport( no| num| number| id)?|護照(號碼?)?|护照(号码?)?"),
    ("phone", r"(tele|cell|mobile|smart|home|work|day|contact)? ?phone( no| num| number| nbr)?s?"
     r"|tel( no| number)?|mobile( no| number)?|cell( no| number)?|fax( no| number)?"
     r"|whats ?app( no| number)?|contact (no|number)"
     r"|(聯絡|联系|手提|流動|住宅|辦公室|公司)?(電話|电话)(號碼|号码)?|手機(號碼?)?|手机(号码?)?|傳真|传真"),
    ("username", r"user ?names?|login( name)?|screen name|nick ?name|用戶名稱?|用户名"),
    ("first name", r"(first|given|fore|middle|christian) ?names?|fname"),
    ("last name", r"(last|family|sur|maiden) ?names?|lname|surname|姓氏|姓"),
    ("company", r"(company|employer|firm|organi[sz]ation)( name)?|公司(名稱|名称)?|僱主|雇主"),
    ("address", r"(home|street|mailing|postal|billing|shipping|delivery|residential)? ?addr(ess)?"
     r"( ?(line)? ?\d)?|street( name)?|(住址|地址|通訊地址|通讯地址|家庭住址)"),
    ("name", r"(full|chinese|english|legal)? ?names?|(中文|英文)?姓名|(中文|英文)?名[字稱称]?"),
)  # fmt: skip
_PERSONS = frozenset(
    (
        "customer client patient employee student contact staff guest member passenger owner agent person "
        "applicant borrower holder cardholder manager doctor teacher user buyer seller driver tenant "
        "resident emergency primary secondary spouse father mother parent guardian author cust emp his her "
        "their insured policyholder reviewer subscriber voter beneficiary recipient sender payer payee "
        "supervisor teller cashier nurse surgeon physician assignee worker technician officer inspector "
        "trainer coach player candidate donor salesperson salesman representative witness defendant "
        "plaintiff claimant pupil child kin householder participant respondent interviewer cleaner helper "
        "maid nanny broker landlord lessee pax attendee visitor caller who lecturer coordinator instructor "
        "tutor"
    ).split()
)


def words_in(name: str) -> str:
    """A column's name as lower-case words with one blank between."""
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", unicodedata.normalize("NFKC", name))
    return re.sub(r"[\W_]+", " ", split).strip().lower()


def called_as(name: str) -> tuple[str, str] | None:
    """(what, whom) a column's name speaks of; None where it names no personal data."""
    if len(name) > LONGEST:
        return None
    words = words_in(name)
    for what, pattern in _CALLED:
        match = re.fullmatch(rf"(?:(?P<whom>.*?)(?:\b|(?=[\u4e00-\u9fff]))\s*)??(?:{pattern})", words)
        if match is None:
            continue
        whom = (match["whom"] or "").removesuffix(" s").strip()
        known = not whom or all(word in _PERSONS for word in whom.split()) or is_han(whom[-1])
        if what in ("name", "company", "address", "first name", "last name", "url") and not known:
            return None  # "product name", "file name"
        return what, whom
    return None


def whom_of(name: str) -> str:
    """The person whom a column's name mentions, "" where it mentions none."""
    return " ".join(word for word in words_in(name).split() if word in _PERSONS)
