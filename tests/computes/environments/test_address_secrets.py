"""Logins are taken out of addresses whole, and are found again for the addresses that they belong to."""

import base64
from urllib.parse import quote, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from computes.environments.address_secrets import (
    TOKEN_USER,
    BadAddress,
    login_for,
    with_masked_secrets,
    without_secrets,
    without_secrets_for_pip,
)
from computes.environments.contract import PackageSources
from computes.environments.masking import MASK, Masker
from computes.environments.package_sources import masker_for
from computes.environments.pip_setup import netrc_text
from computes.errors import PreparationFailed

# Letters that no other part of the addresses below is made of, so that finding one means a leak.
secrets = st.text("QXZ!$&*+,;=~ :@/?#%é\"'<>|", min_size=1, max_size=20).filter(lambda text: set(text) & set("QXZ"))
hosts = st.sampled_from(["example.org", "127.0.0.1:8080", "[::1]:80", "pkgs.example.org:443"])
paths = st.sampled_from(["", "/", "/simple", "/simple/", "/a/b.whl", "/x#egg=y"])
frames = st.sampled_from(["{}", "--index-url {}", "--index-url={}", "towel @ {}", "towel @ {} ; python_version > '3'"])


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("channels: ['http://bob:QX@h:80/conda', defaults]", "channels: ['http://****@h:80/conda', defaults]"),
        ("- --index-url=https://h/simple # a@b", "- --index-url=https://h/simple # a@b"),
        ("[https://QX@h,https://h/t/QX/free]", "[https://****@h,https://h/t/****/free]"),
        ("- https://bob:Q/X@h/simple\n- pip", "- https://****@h/simple\n- pip"),
        ("- https://bob:Q@X@h/simple", "- https://****@h/simple"),
        ("- git+https://h/a/b@v1", "- git+https://h/a/b@v1"),
        ("- https://bob:Q\\X@h/simple", "- https://****@h/simple"),
        ("no address: a@b", "no address: a@b"),
    ],
)
def test_a_whole_file_is_shown_without_logins(text: str, shown: str) -> None:
    assert with_masked_secrets(text) == shown


@given(user=secrets, password=secrets, host=hosts, path=paths, frame=frames)
def test_a_login_is_taken_out_and_kept_beside(user: str, password: str, host: str, path: str, frame: str) -> None:
    login = f"{quote(user, safe='')}:{quote(password, safe='')}"
    text, found = without_secrets(frame.format(f"https://{login}@{host}{path}"))
    assert text == frame.format(f"https://{host}{path}")
    assert list(found.values()) == [(user, password)]
    assert login_for(f"https://{host}{path}", found) == (user, password)


@given(
    password=st.text("QXZ12!$&*+,;=~:@/?#%é\\|\"'<> ", min_size=1, max_size=20).filter(
        lambda text: set(text) & set("QXZ")
    )
)
def test_a_password_that_is_not_quoted_never_gets_through(password: str) -> None:
    try:
        text, _ = without_secrets(f"https://alice:{password}@example.org/simple")
    except BadAddress as error:
        text = str(error).replace("%XX", "")
    assert not set(text) & set("QXZ")


@given(text=st.text(max_size=60))
def test_a_text_without_an_address_stays_as_it_is(text: str) -> None:
    if "://" not in text:
        assert without_secrets(text) == (text, {})


@given(address=st.text("ab:/@?#.[]%&", max_size=30))
def test_what_is_clean_stays_clean(address: str) -> None:
    try:
        once, _ = without_secrets(f"https://{address}")
    except BadAddress:
        return
    assert "@" not in once.partition("://")[2].split("/")[0].split("?")[0].split("#")[0]
    assert without_secrets(once) == (once, {})


def test_a_token_of_a_channel_is_taken_out_of_the_path() -> None:
    text, found = without_secrets("https://conda.example.org/t/ab-cd-12345678/team")
    assert text == "https://conda.example.org/team"
    assert found == {"https://conda.example.org/team": (TOKEN_USER, "ab-cd-12345678")}


def test_a_folder_t_is_no_token_where_there_can_be_none() -> None:
    wheel = "https://files.example.org/t/2026/towel-1.0-py3-none-any.whl"
    assert without_secrets(wheel, may_have_token=False) == (wheel, {})
    with_login = wheel.replace("files", "bob:secret@files")
    assert without_secrets(with_login, may_have_token=False) == (wheel, {wheel: ("bob", "secret")})


@pytest.mark.parametrize("end", ["team/simple", "", "a/b?c#d"])
def test_a_token_in_the_path_of_an_index_is_refused_without_being_named(end: str) -> None:
    for token in ("ab-cd-12345678", "${TOKEN_12345678}"):
        with pytest.raises(BadAddress) as refused:
            without_secrets_for_pip(f"--index-url=https://pypi.example.org/t/{token}/{end}")
        assert "before the host" in str(refused.value)
        assert "12345678" not in str(refused.value)
    index = "https://pypi.example.org/team/t"
    assert without_secrets_for_pip(index) == (index, {})


def test_a_token_of_an_index_that_was_kept_earlier_is_said_and_one_of_a_channel_is_not_sent_to_pip() -> None:
    index = "https://pypi.example.org/team/simple"
    with pytest.raises(PreparationFailed, match="token in its path"):
        netrc_text([index], {index: (TOKEN_USER, "tk-12345678")})
    assert netrc_text([index], {"https://pypi.example.org/team": (TOKEN_USER, "tk-12345678")}) == ""


def test_a_variable_is_no_login() -> None:
    assert without_secrets("https://${USER}:${TOKEN}@example.org/a") == ("https://example.org/a", {})


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://a.org/team/x.whl", ("t", "1")),
        ("https://a.org/team", ("t", "1")),
        ("https://a.org/teams/x.whl", ("a", "2")),
        ("https://a.org.evil.org/team/x.whl", None),
        ("http://a.org/team/x.whl", None),
        ("https://a.org:444/team", None),
    ],
)
def test_a_login_goes_only_where_it_belongs(address: str, expected: tuple[str, str] | None) -> None:
    assert login_for(address, {"https://a.org/team": ("t", "1"), "https://a.org": ("a", "2")}) == expected


@given(secret=secrets, before=st.text("abc "), after=st.text("abc "))
def test_a_mask_hides_a_secret_also_in_an_address(secret: str, before: str, after: str) -> None:
    mask = Masker([secret])
    for form in (secret, quote(secret, safe="")):
        assert mask(f"{before}{form}{after}") == f"{before}{MASK}{after}"


@given(
    user=st.text("abc", min_size=1, max_size=5),
    secret=st.text("QXZ!?é:", min_size=6, max_size=20),
    before=st.text("abc :\n", max_size=5),
    after=st.text("abc :\n", max_size=5),
)
def test_a_mask_hides_a_login_also_in_base64(user: str, secret: str, before: str, after: str) -> None:
    """Of the password no group of three bytes stays, wherever it begins in what is encoded."""
    login = f"{user}:{secret}"
    mask = Masker([secret], [(user, secret)])
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        assert mask(encode(login.encode()).decode().rstrip("=")) == MASK
        assert mask(encode(secret.encode()).decode().rstrip("=")) == MASK
        longer = encode(f"{before}{login}{after}".encode()).decode()
        masked = mask(longer)
        assert MASK in masked
        inside = longer[-(-8 * len(f"{before}{user}:".encode()) // 6) : 8 * len(f"{before}{login}".encode()) // 6]
        assert inside not in masked


@pytest.mark.parametrize("proxy", ["http://me:hush%40hush@proxy.example:3128", "http://me:hush@proxy.example"])
def test_a_mask_hides_the_password_of_the_proxy_in_each_form(proxy: str) -> None:
    mask = masker_for(PackageSources(proxy=proxy))
    password = unquote(proxy.split(":")[2].partition("@")[0])
    for text in (proxy, password, base64.b64encode(f"me:{password}".encode()).decode()):
        assert "hush" not in mask(text)
        assert text not in mask(text)
