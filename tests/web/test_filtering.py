"""Which reports may answer, chosen on the chat's page and said by the address."""

from urllib.parse import parse_qs, urlsplit

import pytest

from qa.filters import Filters

QUESTION = "生产总值是多少？"


@pytest.fixture(scope="module")
def years(service):
    """The years of the reports."""
    return [year for year, _ in service.facets().years]


def cited(html, service):
    """The documents that an answer card quotes."""
    return [document for document in service.documents(limit=200)[0] if f'href="/reports/{document.id}?' in html.split('class="others"')[0]]


def test_facets_count_the_reports(service):
    facets, documents = service.facets(), service.documents(limit=200)[0]
    for facet, values in ((facets.regions, [d.metadata.region for d in documents]), (facets.issuers, [d.metadata.issuer for d in documents])):
        assert dict(facet) == {value: values.count(value) for value in values if value}
    assert [year for year, _ in facets.years] == sorted((year for year, _ in facets.years), reverse=True)


def test_every_value_that_is_offered_leaves_a_report(service):
    facets = service.facets()
    for name in ("regions", "years", "issuers"):
        for value, count in getattr(facets, name):
            assert service.documents(filters=Filters(**{name: (value,)}))[1] == count


def test_the_address_filters_the_answer_and_keeps_on_doing_so(client, service, years):
    for year in years:
        page = client.get("/", query_string={"q": QUESTION, "year": year}, follow_redirects=True)
        assert parse_qs(urlsplit(page.request.url).query)["year"] == [str(year)]
        found = cited(page.text, service)
        assert found
        assert {document.metadata.report_year or int(document.metadata.published[:4]) for document in found} == {year}
        assert f'name="year" value="{year}" checked' in page.text


@pytest.mark.parametrize("query", ["year=soon", "year=0", "region="])
def test_what_is_no_filter_is_refused_in_words(client, query):
    response = client.get(f"/?{query}")
    assert response.status_code == 400
    assert any("\u4e00" <= character <= "\u9fff" for character in response.text)


def test_a_report_that_is_gone_is_still_shown_as_chosen(client):
    page = client.get("/?document=000000000000")
    assert page.status_code == 200
    assert 'value="000000000000" checked' in page.text


def test_a_year_is_chosen_kept_and_taken_back_in_a_browser(visit, service, years):
    visit = visit()
    page = visit.page
    page.locator(".filters summary").click()
    page.get_by_role("checkbox", name=str(years[-1])).check()
    assert f"year={years[-1]}" in page.url
    visit.ask(QUESTION)
    [document] = cited(page.content(), service)
    assert (document.metadata.report_year or int(document.metadata.published[:4])) == years[-1]
    page.reload()
    assert page.locator(".filters .chosen").inner_text() == str(years[-1])
    page.locator(".filters summary").click()
    page.get_by_role("link", name="全部报告").click()
    assert "year=" not in page.url
    assert page.locator(".filters .chosen").inner_text() == "全部"
    assert visit.complaints == []


def test_a_report_leads_to_questions_of_it_alone(visit, service):
    [document] = service.documents(limit=1)[0]
    visit = visit(path=f"/reports/{document.id}")
    visit.page.get_by_role("link", name="只问这份报告").click()
    assert visit.page.locator(".filters .chosen").inner_text() == document.metadata.title
    visit.ask(QUESTION)
    assert cited(visit.page.content(), service) == [document]


def test_what_is_chosen_is_taken_back_without_scripts_too(visit, years):
    page = visit(path=f"/?year={years[0]}", java_script_enabled=False).page
    page.locator(".filters summary").click()
    page.get_by_role("link", name="全部报告").click()
    assert "year=" not in page.url
    assert page.locator(".filters .chosen").inner_text() == "全部"


def test_a_new_conversation_begins_with_what_is_chosen_by_then(visit, years):
    page = visit(path=f"/?year={years[0]}").page
    page.locator(".filters summary").click()
    page.get_by_role("checkbox", name=str(years[-1])).check()
    page.get_by_role("checkbox", name=str(years[0])).uncheck()
    page.get_by_role("link", name="新对话").click()
    page.locator(".filters .chosen", has_text=str(years[-1])).wait_for()
    assert page.locator(".filters .chosen").inner_text() == str(years[-1])
