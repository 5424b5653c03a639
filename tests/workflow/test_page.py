"""The report in a real browser: it opens without an error, its controls work, and it fits a phone and a desk."""

import shutil
import time

import pytest

pytestmark = [pytest.mark.workflow, pytest.mark.browser]
PROGRAMS = ("chromium", "chromedriver")
MODELS = "const all = (type) => [...Bokeh.documents[0]._all_models.values()].filter((model) => model.type === type);"
WIDGETS = MODELS + "const figure = all('Select').find((one) => one.title === 'figure');"
CURVES = MODELS + "return all('GlyphRenderer').find((one) => one.glyph.type === 'MultiLine').data_source.data.xs.length"
LANDED = """
const place = document.getElementById(arguments[0])
const box = document.documentElement
const link = [...document.querySelectorAll('nav a')].find((one) => one.hash.slice(1) === place.id)
link.click()
return new Promise((done) => {
  let [last, still] = [-1, 0]
  const look = setInterval(() => {
    still = scrollY === last ? still + 1 : 0
    last = scrollY
    if (still < 4) return
    clearInterval(look)
    done([place.getBoundingClientRect().top, box.scrollHeight - innerHeight - scrollY])
  }, 100)
})
"""
BROKEN = "return [...document.images].filter((one) => !one.alt || !one.src.startsWith('data:')).length"


@pytest.fixture(scope="module", params=[420, 1400])
def browser(request, smoke):
    """Chromium, as wide as a phone or a desk, with the smoke preset's report open."""
    if missing := [program for program in PROGRAMS if not shutil.which(program)]:
        pytest.skip(f"{missing[0]} is not installed (Debian: chromium, chromium-driver)")
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))
    screen = {"width": request.param, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)  # windows are never as narrow as a phone
    driver.get((smoke / "results/smoke/report.html").as_uri())
    settled(driver)
    yield driver
    driver.quit()


def settled(driver):
    """Wait until Bokeh has drawn."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if driver.execute_script("return window.Bokeh && Bokeh.documents.length && Bokeh.documents[0].is_idle"):
            return
        time.sleep(0.1)
    raise TimeoutError("the report is not drawn after a minute")


def test_nothing_is_wider_than_the_window(browser):
    width, window = browser.execute_script("return [document.documentElement.scrollWidth, window.innerWidth]")
    assert width <= window
    cells = "[...document.querySelectorAll('table.claims td')]"
    ends = f"return Math.max(...{cells}.map((one) => one.getBoundingClientRect().right))"
    assert browser.execute_script(ends) <= window


def test_every_figure_can_be_explored_without_an_error(browser):
    targets = browser.execute_script(WIDGETS + "return Object.values(figure.options).flat().map(([target]) => target)")
    assert len(targets) > 10
    for target in targets:
        browser.execute_script(WIDGETS + f"figure.value = '{target}'")
        assert browser.execute_script(CURVES) > 0, target
    severe = [line["message"] for line in browser.get_log("browser") if line["level"] == "SEVERE"]
    assert not severe


def test_a_slider_moves_to_another_setting(browser):
    browser.execute_script(WIDGETS + "figure.value = 'lyu2024_figure_2b'")
    setting = WIDGETS + "const slider = all('Slider').find((one) => one.visible); const own = all('Select')[1];"
    before = browser.execute_script(setting + "return [slider.title, own.value]")
    browser.execute_script(setting + "slider.value = slider.end")
    after = browser.execute_script(setting + "return [slider.title, own.value]")
    assert before[0] == "α = 1"
    assert after[0] == "α = 100"
    assert after[1] != before[1]


def test_a_verdict_and_every_picture_is_there(browser):
    assert browser.execute_script(BROKEN) == 0
    assert browser.execute_script("return document.querySelectorAll('tr[id]').length") > 100


def test_a_link_of_the_contents_lands_on_its_place(browser):
    """Though the pictures on the way are loaded while the page scrolls, from the end to the beginning and back."""
    links = browser.execute_script("return [...document.querySelectorAll('nav a')].map((link) => link.hash.slice(1))")
    assert len(links) > 40
    missed = {}
    for place in reversed(links[::3]):
        top, room = browser.execute_script(LANDED, place)
        if not (abs(top) <= 40 or room <= 1):  # at the end of the page no place can be at the top
            missed[place] = top
    assert not missed


def test_a_square_leads_to_its_claim_or_reads_it_out_first(browser):
    """A screen without a mouse shows no title when a square is pointed at."""
    (square,) = browser.find_elements("css selector", "a.claim[href='#lyu2024.fig2a.test_50']")
    title = square.get_attribute("title")
    browser.execute_script("arguments[0].click()", square)
    if not browser.execute_script("return matchMedia('(hover: hover)').matches"):
        card = browser.find_element("id", "card")
        assert card.is_displayed()
        assert title in card.text
        browser.execute_script("document.querySelector('#card a').click()")
    assert browser.execute_script("return location.hash") == "#lyu2024.fig2a.test_50"
    assert browser.find_element("id", "lyu2024.fig2a.test_50").is_displayed()  # its table was folded


def test_a_drag_zooms(browser):
    assert set(browser.execute_script(MODELS + "return all('BoxZoomTool').map((one) => one.active)")) == {True}
