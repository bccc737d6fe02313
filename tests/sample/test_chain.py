from pipelines.sample import chain


def test_nobody_works_a_register_alone_all_day():
    made = chain.make_chain(7, 2, 600)
    staffed = [
        register.cashier_ids for store in made.stores for register in store.registers
    ]
    assert all(len(set(shifts)) == len(shifts) for shifts in staffed)
    assert made.careless_cashier_id == staffed[0][0]


def test_the_careless_cashier_is_planted():
    made = chain.make_chain(7, 3, 300)
    rates = dict(made.check_rates)
    careless = rates.pop(made.careless_cashier_id)
    assert careless < 0.3 < 0.8 < min(rates.values())
    working = {
        cashier_id
        for store in made.stores
        for register in store.registers
        for cashier_id in register.cashier_ids
    }
    assert working == set(made.check_rates)
    assert all(store.registers[-1].cashier_ids == () for store in made.stores)
    assert [store.logs_id_checks for store in made.stores] == [True, True, False]
