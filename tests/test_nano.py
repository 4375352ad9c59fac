"""nano's tokenizer, column arithmetic, worked form and drills."""

from __future__ import annotations

import random
import re
from decimal import Decimal

import pytest

from caugym.gym.generate import generate, generate_many
from caugym.gym.problem import TASKS, Answer
from caugym.gym.solve import solve_text
from caugym.nano import (
    arithmetic,
    calculator,
    drills,
    grow,
    model,
    numbered,
    pretrain,
    release,
    solutions,
    worked,
    worlds,
)

tokenizer_module = pytest.importorskip("caugym.nano.tokenizer")
pytest.importorskip("transformers")


@pytest.fixture(scope="module")
def tokenizer():
    return tokenizer_module.build()


def test_products_are_rounded_and_quotients_truncated():
    rng = random.Random(4)
    for _ in range(3000):
        a, b = rng.randint(-9999, 9999), rng.randint(-9999, 9999)
        product = arithmetic.multiply(a, b)[1]
        assert abs(abs(a * b) / arithmetic.UNIT - abs(product)) < 0.62
        c = rng.randint(1, 9999)
        n = rng.randint(0, c - 1)
        text, quotient = arithmetic.divide(n, c, rng, slips=0.3)
        assert quotient == n * arithmetic.UNIT // c
        scaled = arithmetic.scaled(n, c)
        assert 1000 <= scaled[1] < 10_000 and n * scaled[1] == c * scaled[0]
        digits = re.sub(r"\d(\[\d\d\]){4}x", "", text.removeprefix("\ndiv"))
        assert re.findall(r"(\d)(?:\[\d\d\]){4}", digits) == list(f"{quotient:04d}")


def test_the_rows_of_a_product_are_the_column_sums_of_long_multiplication():
    # 0.1234 * 0.5678, lowest digit first: 4321 times 8, 7, 6, 5; column 0 of row one is 4 * 8 = 32.
    text, product = arithmetic.multiply(1234, 5678)
    assert text.startswith("\nmul8[32][27][18][09]7")
    assert product == 701


def test_columns_of_sums_and_differences():
    assert arithmetic.subtract(1767, 9031) == ("\nsub[06][03][07][12]=-4627", -7264)
    assert arithmetic.subtract(-9031, -1767) == ("\nsub[14][16][12][07]=-4627", -7264)
    assert arithmetic.add(1767, 9031 - 9000) == ("\nadd[08][09][07][01]=+8971", 1798)
    assert arithmetic.add(0, 0) == ("\nadd[00][00][00][00]=+0000", 0)


def test_a_value_of_five_digits_is_refused():
    with pytest.raises(arithmetic.ColumnOverflowError, match=r"1\.2"):
        arithmetic.add(9000, 3000)


VARIATIONS = (
    ("base", None),
    ("base", "published-deconfounding"),
    ("deconfounding", None),
    ("redundant", "published-redundant"),
    ("insufficient", None),
    ("shortcut-proof", None),
)


@pytest.mark.parametrize(("variation", "preset"), VARIATIONS)
def test_the_worked_form_ends_in_the_answer(variation, preset):
    written = asked = 0
    for task in TASKS:
        for problem in generate_many(task, 6, seed=77, variation=variation, preset=preset):
            asked += 1
            try:
                text = worked.solution(problem)
            except worked.NotWritableError:
                continue
            written += 1
            answer = Answer.from_text(text.splitlines()[-1])
            assert answer.lacks_condition == problem.answer.lacks_condition
            if answer.value is not None and problem.answer.value is not None:
                assert abs(answer.value - problem.answer.value) <= arithmetic.UNIT**-1 * worked.ROUNDING
                assert answer.decision == problem.answer.decision
    assert written >= 0.85 * asked


def test_the_worked_form_names_the_edges_of_the_text():
    for problem in generate_many("NDE", 10, seed=3, variation="shortcut-proof"):
        text = worked.solution(problem)
        edges = []
        in_letters = []
        for line in text.split("\nnde")[0].splitlines():
            if re.fullmatch(r"[a-l](>[a-l])+", line):
                in_letters += [(line[0], head) for head in line[2::2]]
                continue
            tail, *heads = (re.sub(r"^([a-l]:)? |=[a-l]$", "", piece) for piece in line.split(">"))
            edges += [(tail, head) for head in heads]
        assert tuple(edges) == problem.graph.edges
        letters = {name: letter for letter, name in re.findall(r"\n([a-l]): ([^=]+)=", text)}
        assert in_letters == [(letters[tail], letters[head]) for tail, head in edges]


def test_a_world_that_the_worked_form_solves_is_solved_alike():
    solved = lacking = 0
    rng = random.Random(9)
    for _ in range(250):
        made = worlds.world(rng)
        if made.places is not None:  # in other words
            continue
        try:
            answer = Answer.from_text(worked.solution(made.problem, check=False).splitlines()[-1])
        except worked.NotWritableError:
            continue
        exact = solve_text(made.problem.prompt)
        if exact.answer is None:  # random numbers may contradict each other
            continue
        assert answer.lacks_condition == exact.answer.lacks_condition
        if answer.value is None or exact.answer.value is None:
            lacking += 1
        elif abs(answer.value - exact.answer.value) <= Decimal("0.0005"):
            solved += 1
        else:  # dividing by a small probability magnifies what rounding left
            assert made.problem.query.bound
    assert solved >= 70 and lacking >= 5


def test_the_worked_form_writes_what_the_treatment_reaches_before_it_says_whether_it_is_linked():
    linked = unlinked = 0
    for task in ("ATE", "CDE", "ETT", "NDE", "NIE"):
        for problem in generate_many(task, 30, seed=12, preset="published-redundant"):
            head, _, rest = worked.solution(problem).partition("\nlink ")
            letters = {name: letter for letter, name in re.findall(r"\n([a-l]): ([^=]+)=", head)}
            query, graph = problem.query, problem.graph
            fixed = {node for node, _ in query.mediator_values}
            searched = re.findall(r"\n([a-l])((?:>[a-l])*)\|( y)?((?: [a-l])*)", head)
            names = {letter: name for name, letter in letters.items()}
            left = letters[query.treatment]
            for tail, heads, hit, after in searched:
                assert tail == left[0]  # what is left says what is next
                children = {letters[head] for one, head in graph.edges if one == names[tail]}
                assert heads == "".join(f">{letter}" for letter in sorted(children))
                assert bool(hit) == (letters[query.outcome] in heads)
                left = after.replace(" ", "")
                assert not {names[letter] for letter in left} & (fixed | {query.outcome})
            to_outcome = [tail for tail, _, hit, _ in searched if hit]
            if task in ("ATE", "ETT", "CDE"):
                said = bool(to_outcome)
                assert said or not left
            elif task == "NDE":
                said = letters[query.treatment] in to_outcome
                assert not left if said else len(searched) == 1
            else:
                said = bool(set(to_outcome) - {letters[query.treatment]})
                assert not left
            assert said == rest.startswith("yes")
            linked, unlinked = linked + said, unlinked + (not said)
    assert linked >= 20 and unlinked >= 10


def test_names_as_people_write_them_stand_whole_in_text_and_worked_form(tokenizer):
    rng, kinds = random.Random(8), set()
    while len(kinds) < 4:
        made = worlds.world(rng)
        names = [name for name in made.problem.graph.nodes if re.search(r"['()-]", name)]
        if not names or made.places is not None:
            continue
        kinds |= {character for name in names for character in "'(-" if character in name}
        kinds |= {"e.g." for name in names if "(e.g." in name}
        text = numbered.numbered(made.problem.prompt)
        for name in names:
            shown = name.replace("(e.g.", "(eg")
            assert shown in text.lower() and f" {shown}=" in worked.solution(made.problem, check=False)


def test_edges_drill_names_each_node_once_and_by_one_letter_after():
    for seed in range(30):
        question, completion = drills.edges(random.Random(seed))
        assert question.endswith("\nread>")
        lines = [line for line in completion.split("\n") if line and not line.startswith("(")]
        letters: dict[str, str] = {}
        for line in lines:
            for name in re.findall(r"(?<=>) ([^=>]+)$|^ ([^=>]+)$", line):
                assert "".join(name) not in letters  # said without a letter: it is declared in the next line
            if declared := re.match(r"([a-l]): ([^=]+)=", line):
                assert declared[1] == "abcdefghijkl"[len(letters)]
                letters[declared[2]] = declared[1]
            for name, letter in re.findall(r" ([^=>:]+)=([a-l])", line):
                assert letters[name] == letter
        assert len(letters) >= 2


def test_tokens_round_trip_and_stay_few(tokenizer):
    for text in (
        " talent\na: talent=a> market demand\nb: market demand=b\nate\nx: market demand=b\nx+ low",
        "for those with ydlu being low (a=0),",
        "żółć 🙂 \t end",
        "\ny+|x+a0=+1767#12=1767\nsub=-9031",
        " mispredictability of ydlu",
        "a\n\nb",
    ):
        assert tokenizer.decode(tokenizer(text)["input_ids"]) == text
    assert len(tokenizer("\ny+|x+a0=+1767#12=1767")["input_ids"]) == 13
    assert len(tokenizer(" mispredictability")["input_ids"]) < 10  # in pieces
    answer = '{"ANSWER": "Yes", "PROB": "-0.1234"}'
    assert tokenizer.decode(tokenizer(answer)["input_ids"]) == answer
    assert tokenizer.unk_token is None


def test_a_capitalised_head_is_the_name_inside_a_sentence(tokenizer):
    first = tokenizer(" Market demand has")["input_ids"]
    assert first == tokenizer(" market demand has")["input_ids"]
    glued = tokenizer("relationships:Talent has a direct effect on market demand.Talent has")["input_ids"]
    spaced = tokenizer("relationships: Talent has a direct effect on market demand. Talent has")["input_ids"]
    assert glued == spaced


def test_chat_template_marks_the_assistant(tokenizer):
    chat = [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]
    assert tokenizer.apply_chat_template(chat, tokenize=False) == "<|user|>\n(1) q<|assistant|>a<|end|>"
    opened = tokenizer.apply_chat_template(chat[:1], tokenize=False, add_generation_prompt=True)
    assert opened == "<|user|>\n(1) q<|assistant|>"


def test_the_template_numbers_sentences_as_the_python_twin_does(tokenizer):
    rng = random.Random(5)
    texts = ["".join(rng.choices('ab1.:;?!\n "(-_²½é', k=30)) for _ in range(200)]
    texts += ["".join(rng.choices(["(e.g.", "(e", ".", "g.", "e.g", "a", "? "], k=8)) for _ in range(200)]
    texts += [worlds.world(rng).problem.prompt for _ in range(20)] + ["", "...", 'e.g. {"PROB": "0.12"}: 0.5. x']
    for text in texts:
        chat = [{"role": "user", "content": text}]
        templated = tokenizer.apply_chat_template(chat, tokenize=False, add_generation_prompt=True)
        assert templated == f"<|user|>{numbered.numbered(text)}<|assistant|>"


def test_reworded_worlds_name_the_sentences_of_their_edges_and_numbers():
    rng, seen = random.Random(6), 0
    while seen < 40:
        made = worlds.world(rng)
        if made.places is None:
            continue
        text = made.problem.prompt
        cuts = [*numbered.starts(text), len(text)]
        for given, number in zip(made.problem.givens, made.places.givens, strict=True):
            assert f"{given.value:.4f}" in text[cuts[number - 1] : cuts[number]]
        assert sorted(made.problem.graph.edges) == sorted(set(made.problem.graph.edges))
        assert list(made.places.edges) == sorted(made.places.edges)
        seen += 1


@pytest.mark.parametrize("kind", sorted(drills.KINDS))
def test_drills_are_deterministic_and_never_a_whole_solution(kind):
    make = drills.KINDS[kind]
    assert [make(random.Random(i)) for i in range(5)] == [make(random.Random(i)) for i in range(5)]
    for i in range(40):
        question, completion = make(random.Random(i))
        asks_a_problem, answers = "Input Info:" in question, '"PROB"' in completion or "LACK" in completion
        assert not (asks_a_problem and answers)


def test_the_numbers_read_are_the_numbers_printed_in_the_texts_order():
    for i in range(15):
        question, completion = drills.labels(random.Random(i))
        _, *sentences = re.split(r"\n\(\d+\) ", question)
        printed = [number for text in sentences for number in re.findall(r"(?<![\d.])[01]\.\d{4}", text)]
        read = re.findall(r"\n[a-lxy][-+01][^\n]*=\+(\d{4})#\d+=\1(?=\n|$)", completion)
        assert read == [(number[2:] if number != "1.0000" else "9999")[::-1] for number in printed]


def test_what_is_looked_up_is_the_statement_with_its_label():
    looked = lacking = 0
    for i in range(60):
        question, completion = drills.lookup(random.Random(i))
        statements = question.removeprefix("lookup\n").split("\n")
        labels = [line.split("=")[0] for line in statements]
        keyed = [re.sub(r"=\+\d{4}", "", line) for line in statements]
        assert len(set(labels)) == len(labels)
        for line in completion[1:].split("\n"):
            if line.endswith("=?"):
                assert line[:-2] not in labels
                lacking += 1
            else:
                assert line in keyed
                looked += 1
    assert looked > 4 * lacking > 250


def test_a_statements_words_stand_in_its_sentence():
    """Behind each name stands the word of its value as the sentence has it; "it" has that of the one before."""
    found = missing = 0
    for i in range(120):
        question, completion = solutions.document(random.Random(i))
        said = dict(re.findall(r"\n\((\d+)\) ([^\n]*)", numbered.numbered(question).lower()))
        sentence = ""
        for line in completion.splitlines():
            if at := re.fullmatch(r"\((\d+)\)", line):
                sentence = said[at[1]]
            for word in re.findall(r"=[a-l] (.+?) [xya-l][-+01](?=[| ]|$)", line if line[:1] == " " else ""):
                found += word.lower() in sentence
                missing += word.lower() not in sentence
    assert found > 1000 and missing < 0.02 * found


def test_a_variables_first_word_is_its_zero_and_every_statement_stands_before_the_set():
    drawn = (generate("ATE", "redundant", "train", 3, index, "published-redundant") for index in range(20))
    problem, reference = next((p, text) for p in drawn if "\nz:=" in (text := worked.solution(p)))
    statements, used = re.split(r"\nz:=", reference)
    names = {node: letter for letter, node in re.findall(r"\n([a-l]): (.*?)=[a-l](?=\n|>)", statements)}
    meanings: dict[str, list[tuple[str, str]]] = {}
    for letter, word, meaning in re.findall(r"=([a-l]) (\S+) ([xya-l][-+01])(?=[|\n ])", statements.split("\nlink")[1]):
        if (word, meaning) not in meanings.setdefault(letter, []):
            meanings[letter].append((word, meaning))
    asked = {names[problem.query.treatment]: "x", names[problem.query.outcome]: "y"}
    for letter, said in meanings.items():
        expected = [f"{letter}0", f"{letter}1"] if letter not in asked else ["+", "-"]
        assert [meaning.replace(asked.get(letter, "?"), "") for _, meaning in said] in (
            [expected[: len(said)], expected[::-1][: len(said)]] if letter in asked else [expected[: len(said)]]
        )
    labels = re.findall(r"\n(\S+=\+\d{4}#\d+=\d{4})(?=\n|$)", statements)
    assert len(labels) == len(problem.givens)
    keyed = {re.sub(r"=\+\d{4}", "", label) for label in labels}
    assert set(re.findall(r"\n([a-ly]\S*\|\S*=\d{4})(?=\n)", used)) <= keyed


def test_a_solution_in_letters_names_nothing_and_keeps_the_way_to_the_answer():
    for seed in range(20):
        rng = random.Random(seed)
        _, completion = solutions.document(random.Random(seed))
        question, answer = solutions.symbolic(rng)
        assert not re.search(r"\n[ (]|: ", question)
        assert completion.endswith(answer[-20:]) and "\nlink" in answer


def test_block_attention_is_causal_attention():
    torch = pytest.importorskip("torch")
    from caugym.nano import attention

    drawn = [torch.randn(2, 4, 300, 32, requires_grad=True) for _ in range(3)]
    ours = attention.block_attention(torch.nn.Module(), *drawn, None, scaling=32**-0.5)[0].transpose(1, 2)
    theirs = torch.nn.functional.scaled_dot_product_attention(*drawn, is_causal=True)
    assert torch.allclose(ours, theirs, atol=1e-5)
    gradients = [torch.autograd.grad(out.sin().sum(), drawn) for out in (ours, theirs)]
    assert all(torch.allclose(a, b, atol=1e-4) for a, b in zip(*gradients, strict=True))


def test_growing_keeps_the_function(tmp_path, tokenizer):
    torch = pytest.importorskip("torch")
    small = model.build("1m", tokenizer)
    small.save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    deep = grow.load(tmp_path, "2m", tokenizer)
    ids = torch.tensor([tokenizer("the probability of talent being high is 0.1234.")["input_ids"]])
    with torch.inference_mode():
        before, after = (net(ids).logits[..., : len(tokenizer)] for net in (small, deep))  # then padding
        assert torch.allclose(before, after, atol=1e-5)
    wide = grow.load(tmp_path, "5m", tokenizer)
    with torch.inference_mode():
        after = wide(ids).logits[..., : len(tokenizer)]
        # Exact but for the share of the mean square that the new width has.
        assert (before - after).abs().max() < 0.15 * before.abs().max()
        norms = [norm for name, norm in wide.named_parameters() if name.endswith("layernorm.weight")]
        assert norms and all(norm.shape == (192,) for norm in norms)
        wide.get_input_embeddings().weight[:, 128:] = 0
        for layer in wide.model.layers:
            layer.self_attn.o_proj.weight[128:] = 0
            layer.mlp.down_proj.weight[128:] = 0
        exact = wide(ids).logits[..., : len(tokenizer)]
        assert torch.allclose(before, exact, atol=2e-3)
    wide.save_pretrained(tmp_path)
    with pytest.raises(ValueError, match="cannot grow"):
        grow.load(tmp_path, "2m", tokenizer)
    with pytest.raises(ValueError, match="unknown size '9m'"):
        grow.load(tmp_path, "9m", tokenizer)


def test_released_weights_are_sharper_and_training_goes_on_from_what_was_trained(tmp_path, tokenizer):
    torch = pytest.importorskip("torch")
    from transformers import AutoModelForCausalLM

    model.build("1m", tokenizer).to(torch.bfloat16).save_pretrained(tmp_path / "run")
    tokenizer.save_pretrained(tmp_path / "run")
    release.release(tmp_path / "run", tmp_path / "shipped")
    tokenizer.save_pretrained(tmp_path / "shipped")
    trained, shipped = (
        AutoModelForCausalLM.from_pretrained(tmp_path / name, dtype=torch.float32) for name in ("run", "shipped")
    )
    again = grow.load(tmp_path / "shipped", "1m", tokenizer)
    ids = torch.tensor([tokenizer("the probability of talent being high is 0.1234.")["input_ids"]])
    with torch.inference_mode():
        before, sharp, after = (net(ids).logits[..., : len(tokenizer)] for net in (trained, shipped, again))
    assert torch.allclose(2 * before, sharp, atol=1e-5) and torch.allclose(before, after, atol=1e-5)
    model.build("1m", tokenizer).to(torch.bfloat16).save_pretrained(tmp_path / "other")
    release.release(tmp_path / "other", tmp_path / "mean", mean_with=tmp_path / "shipped")
    mean, other = (
        AutoModelForCausalLM.from_pretrained(tmp_path / name, dtype=torch.float32).state_dict()
        for name in ("mean", "other")
    )
    for name, weight in trained.state_dict().items():
        scale = 2 if name == "model.norm.weight" else 1
        assert torch.allclose(mean[name], scale * (weight + other[name]) / 2, rtol=1e-2, atol=1e-6)
    model.build("2m", tokenizer).save_pretrained(tmp_path / "deeper")
    with pytest.raises(ValueError, match=r"--mean-with .*is not as in"):
        release.release(tmp_path / "deeper", tmp_path / "twice", mean_with=tmp_path / "run")
    turned = model.build("1m", tokenizer)
    turned.config.rope_parameters = {"rope_type": "default", "rope_theta": 10_000.0}
    turned.save_pretrained(tmp_path / "turned")
    with pytest.raises(ValueError, match=r"--mean-with .*rotary positions are not those of"):
        release.release(tmp_path / "run", tmp_path / "twice", mean_with=tmp_path / "turned")
    with pytest.raises(ValueError, match=r"--sharpen 0: a factor above 0"):
        release.release(tmp_path / "run", tmp_path / "twice", 0)
    assert not list((tmp_path / "shipped").glob("*.tmp"))


@pytest.mark.parametrize(
    ("main", "arguments", "says"),
    [
        (release.main, ["nowhere", "there"], "nowhere is no model folder"),
        (pretrain.main, ["--out", "run", "--init", "nowhere"], "--init: nowhere is no model folder"),
        (pretrain.main, ["--out", "run", "--size", "9m"], "invalid choice: '9m'"),
    ],
)
def test_wrong_folders_and_sizes_are_said_in_one_line(main, arguments, says, monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["nano", *arguments])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 2 and says in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_the_calculator_writes_the_rows_of_the_worked_form(tokenizer):
    tool = calculator.Calculator(tokenizer)
    for problem in generate_many("PN", 5, seed=5, preset="published-deconfounding"):
        try:
            text = worked.solution(problem)
        except worked.NotWritableError:
            continue
        for operation in calculator.OPERATIONS:
            for found in re.finditer(operation, text):
                put_in = tokenizer.decode(tool.result(tokenizer(text[: found.end()])["input_ids"]))
                assert put_in and text[found.end() :].startswith(put_in)
    assert tool.result(tokenizer("\nsub")["input_ids"]) == []
