"""fhirpy, async: many requests at once over kept connections. PyPI: fhirpy"""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest
from fhirpy import AsyncFHIRClient
from fhirpy.base.exceptions import MultipleResourcesFound, OperationOutcome, ResourceNotFound

from tests.clients.records import MRN, batch, mark, marked, notes, replacing, transaction
from tests.clients.serving import Server


def test_a_record_is_created_read_changed_patched_and_deleted(server: Server) -> None:
    async def journey() -> None:
        client = AsyncFHIRClient(server.base)
        made = await client.resource("Patient", **marked(mark())).create()
        read = await client.get("Patient", made.id)
        assert dict(read) == made.serialize()
        made["gender"] = "other"
        await made.update()
        address = f"Patient/{made.id}"
        patched = await client.execute(address, method="patch", data=replacing("Patient.gender", "unknown"))
        assert (patched.gender, patched.meta.versionId) == ("unknown", "3")
        history = await client.execute(f"{address}/_history", method="get")
        assert [entry.resource.gender for entry in history.entry] == ["unknown", "other", "female"]
        await made.delete()
        with pytest.raises(ResourceNotFound):
            await client.get("Patient", made.id)

    asyncio.run(journey())


def test_of_many_writers_of_one_version_one_is_heard(server: Server) -> None:
    async def journey() -> Counter[str]:
        plain, seen = AsyncFHIRClient(server.base), AsyncFHIRClient(server.base, extra_headers={"If-Match": 'W/"1"'})
        made = await plain.resource("Patient", **marked(mark())).create()
        tries = [seen.resource("Patient", **dict(made, birthDate=f"199{n}-01-02")).update() for n in range(8)]
        done = await asyncio.gather(*tries, return_exceptions=True)
        assert (await plain.get("Patient", made.id)).meta.versionId == "2"
        return Counter(type(one).__name__ for one in done)

    assert asyncio.run(journey()) == {"AsyncFHIRResource": 1, MultipleResourcesFound.__name__: 7}


def test_of_many_creates_with_one_condition_one_creates(server: Server) -> None:
    async def journey() -> None:
        word = mark()
        client = AsyncFHIRClient(server.base, extra_headers={"If-None-Exist": f"identifier={MRN}|{word}"})
        made = await asyncio.gather(*(client.resource("Patient", **marked(word)).create() for _ in range(16)))
        assert len({one.id for one in made}) == 1
        found = await AsyncFHIRClient(server.base).resources("Patient").search(identifier=f"{MRN}|{word}").fetch()
        assert len(found) == 1

    asyncio.run(journey())


def test_a_search_pages_and_follows_links_while_others_write(server: Server) -> None:
    async def journey() -> None:
        client, word = AsyncFHIRClient(server.base), mark()
        person = await client.resource("Patient", **marked(word)).create()
        reference = f"Patient/{person.id}"
        made = await asyncio.gather(*(client.resource("Observation", **one).create() for one in notes(reference, 9)))
        found = client.resources("Observation").search(patient__identifier=f"{MRN}|{word}").limit(2)
        seen = []
        async for one in found:
            seen.append(one.id)
            await client.resource("Observation", **notes(reference, 1)[0]).create()
        assert sorted(seen) == sorted(one.id for one in made)
        both = await found.include("Observation", "patient").fetch_raw()
        assert Counter(entry.search.mode for entry in both.entry) == {"match": 2, "include": 1}

    asyncio.run(journey())


def test_bundles_and_refusals_are_read(server: Server) -> None:
    async def journey() -> None:
        client, word = AsyncFHIRClient(server.base), mark()
        done = await client.execute("", data=transaction(word))
        assert [entry.response.status[:3] for entry in done.entry] == ["201", "201"]
        read = await client.execute("", data=batch("ValueSet/attendance", f"Patient?identifier={MRN}|{word}"))
        assert [entry.resource.resourceType for entry in read.entry] == ["ValueSet", "Bundle"]
        with pytest.raises(OperationOutcome) as refused:
            await client.execute("", data=transaction(word) | {"type": "transactions"})
        assert refused.value.resource["issue"][0]["expression"] == ["Bundle.type"]
        everything = await client.execute(f"Patient/{read.entry[1].resource.entry[0].resource.id}/$everything", "get")
        assert [entry.resource.resourceType for entry in everything.entry] == ["Patient", "Observation"]

    asyncio.run(journey())
