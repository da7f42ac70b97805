//! Word problems and questions with answers to choose from are told by their form, on both sides of each line.

mod support;

use support::{classify, task, with_code};
use tinydancer_classifier::{Level, classify as assess};

/// The factors' names and points, and the words of the first.
fn read(instruction: &str) -> (Vec<(String, i32)>, Vec<String>) {
    let found = assess(&task(instruction));
    let words = found
        .factors
        .first()
        .map_or(vec![], |factor| factor.words.clone());
    let mut factors: Vec<(String, i32)> = found
        .factors
        .into_iter()
        .map(|factor| (factor.name, factor.points))
        .collect();
    factors.sort();
    (factors, words)
}

fn is_problem(instruction: &str) -> bool {
    read(instruction).0 == [("word-problem".to_owned(), 16)]
}

#[test]
fn a_story_with_quantities_that_asks_for_one_is_a_word_problem() {
    for text in [
        "Mia has 12 plums and gives a third of them away. How many plums are left?",
        "A van drives 60 km in 45 minutes. At the same speed, how far does it get in two hours?",
        "Ben is twice as old as Ida, who is 9. How old will Ben be in four years?",
        "Three tins cost $4.50. What is the price of eight tins?",
        "Tickets are 7 for grown-ups and half of that for children. How much do 2 grown-ups and 5 children pay? (Round to the nearest integer.)",
        "Last week 40 letters came, this week 10 more. Calculate the total number of letters.",
        "Of 80 guests a quarter leave by ten. How many of the security guards, two for each dozen guests, are still needed?",
    ] {
        assert!(is_problem(text), "{text}: {:?}", read(text));
    }
    assert_eq!(
        read("Mia has 12 plums and gives 4 away. How many plums are left?").1,
        ["how", "many"]
    );
}

#[test]
fn who_wants_more_than_a_sum_sets_no_word_problem() {
    for text in [
        // One quantity or none is a question of fact.
        "How many moons has Jupiter?",
        // Reasons, methods, proofs.
        "Mia has 12 plums and gives a third away. How many are left, and why?",
        "11 people sit round a table of 12. How many seatings are there? Prove it.",
        "I have two lists of 20,000 rows. How do I match them so that I know how many are wrong?",
        "A run takes 60 minutes and fails once in 30. What is the best strategy and its cost?",
        // Work of one's own.
        "Our pool has 5 connections for 200 tenants. How many do 40 more tenants need?",
        // Two questions.
        "A van drives 60 km in 45 minutes. How far does it get in 2 hours? Which road does it take?",
        // The quantity is not what is asked for last.
        "How many of the 12 plums are left of 3 boxes? Write a function for it.",
        "What is the difference between 301 and 308?",
        // Code.
        "f(x) = 3x and f(2) = 6: how many lines does `grep 6` print?",
    ] {
        assert!(!is_problem(text), "{text}");
    }
    let files = with_code(
        task("The loop has 3 steps of 4 passes. How many calls are that?"),
        "for (;;) {}",
    );
    assert!(
        assess(&files)
            .factors
            .iter()
            .all(|factor| factor.name != "word-problem")
    );
    let long = format!(
        "Mia has 12 plums. {} How many are 2 thirds?",
        "She walks on. ".repeat(120)
    );
    assert!(!is_problem(&long));
}

#[test]
fn the_form_of_a_question_with_answers_to_choose_from_is_all_that_counts() {
    for text in [
        "Which one?\nA. threat model\nB. audit\nC. race\nAnswer:",
        "Which one?\n(a) one\n(b) two\n(c) three",
        "The oldest of them is\nA. iron\nB. tin\nC. lead\nD. zinc",
        "How many?\nA. 1\nB. 2 or 3\nC. 7\nD. 9",
        "Is it?\nA. True\nB. False\nC. No, it sinks",
    ] {
        assert_eq!(read(text).0, [("multiple-choice".to_owned(), 16)], "{text}");
        assert_eq!(classify(&task(text)).level, Level::Simple, "{text}");
    }
    for text in [
        "A. Write a threat model\nand then B",
        "Do these:\nA. audit the login\nB. audit the payments",
        "Which one?\nA. one\nC. two\nD. three",
    ] {
        let is_choice = read(text)
            .0
            .iter()
            .any(|(name, _)| name == "multiple-choice");
        assert!(!is_choice, "{text}");
    }
}

/// What the features say of the answers' form: how alike they are, around what is usual; how many are results of sums; how many are formulae.
fn form(text: &str) -> [f32; 3] {
    let features = classify(&task(text)).features;
    [12, 13, 14].map(|place| {
        let at = features.indices.iter().position(|index| *index == place);
        at.map_or(0.0, |at| features.values[at])
    })
}

/// How alike the two closest answers are.
fn alike(text: &str) -> f32 {
    form(text)[0] + 0.35
}

#[test]
fn two_answers_that_share_most_words_make_a_close_choice() {
    for (text, expected) in [
        ("Which?\nA. iron\nB. tin\nC. lead", 0.0),
        ("Which?\nA. red iron\nB. tin\nC. iron and lead", 0.25),
        (
            "Which?\nA. tin\nB. the price falls\nC. the price rises",
            0.5,
        ),
        (
            "Statement 1 | Ice floats. Statement 2 | Lead floats.\nA. True, True\nB. False, False\nC. True, False\nD. False, True",
            1.0,
        ),
        // Whatever stands between the words, their case, and how often each comes.
        (
            "Which?\nA. Tin; or (lead)\nB. lead, lead or tin.\nC. iron",
            1.0,
        ),
        (
            "Was ist es?\nA. das \u{d6}l\nB. ein \u{d6}l\nC. Zinn",
            1.0 / 3.0,
        ),
        // Answers of signs have no words in common, because they have none.
        ("Which?\nA. +\nB. -\nC. *", 0.0),
    ] {
        let found = alike(text);
        assert!((found - expected).abs() < 1e-6, "{text}: {found}");
    }
}

#[test]
fn words_of_the_question_make_no_answers_alike() {
    let text = "Is it the red iron or the red tin?\nA. iron\nB. tin\nC. both";
    assert!(alike(text).abs() < 1e-6);
}

#[test]
fn numbers_are_results_of_sums_where_the_question_has_numbers_too() {
    for (text, sums) in [
        ("What is 3 + 4?\nA. 7\nB. 8 or 9\nC. 10\nD. 12", 1.0),
        ("Half of 4 is\nA. 2\nB. 1\nC. many\nD. none", 0.5),
        ("Half of 4 is\nA. two\nB. one\nC. many", 0.0),
        // There is nothing to reckon with: they are to be known.
        ("In which year?\nA. 1801\nB. 1802\nC. 1905\nD. 1950", 0.0),
    ] {
        assert_eq!(form(text)[1], sums, "{text}");
    }
}

#[test]
fn signs_in_answers_make_them_formulae_wherever_else_they_stand_not() {
    for (text, formulae) in [
        ("Which holds?\nA. a = b\nB. a > b\nC. x^2\nD. neither", 0.75),
        ("Which holds?\nA. \\sqrt{n}\nB. n < m\nC. m", 2.0 / 3.0),
        (
            "If a = b and x^2 < y?\nA. it holds\nB. it fails\nC. neither",
            0.0,
        ),
        ("Which holds?\nA. 1/2\nB. a-b\nC. $3", 0.0),
    ] {
        assert_eq!(form(text)[2], formulae, "{text}");
    }
}

#[test]
fn only_answers_to_choose_from_have_a_form() {
    for text in [
        "Set a = 3 and b = 4, and say which is more.",
        "Which of 2?\nA. x = 1\nB. x = 1",
        "Mia has 12 plums and gives 4 away. How many plums are left?",
    ] {
        assert_eq!(form(text), [0.0; 3], "{text}");
    }
}
