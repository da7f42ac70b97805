//! Word problems and questions with answers to choose from are told by their form, on both sides of each line.

mod support;

use support::{task, with_code};
use tinydancer_classifier::{Level, classify};

/// The factors' names and points, and the words of the first.
fn read(instruction: &str) -> (Vec<(String, i32)>, Vec<String>) {
    let found = classify(&task(instruction));
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
        classify(&files)
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
    // The place of the features where the form stands.
    const FORM: u32 = 12;
    for (text, gain) in [
        (
            "Which one?\nA. threat model\nB. audit\nC. race\nAnswer:",
            0.0,
        ),
        ("Which one?\n(a) one\n(b) two\n(c) three", 0.0),
        (
            "The oldest of them is\nA. iron\nB. tin\nC. lead\nD. zinc",
            0.4,
        ),
        ("How many?\nA. 1\nB. 2 or 3\nC. 7\nD. 9", -1.0),
        ("How many?\nA. 1\nB. 2\nC. many\nD. none", -0.5),
        (
            "Statement 1 | Ice floats. Statement 2 | Lead floats.\nA. True, True\nB. False, False\nC. True, False\nD. False, True",
            1.0,
        ),
        ("Is it?\nA. True\nB. False\nC. No, it sinks", 0.0),
    ] {
        let found = classify(&task(text));
        assert_eq!(read(text).0, [("multiple-choice".to_owned(), 16)], "{text}");
        assert_eq!(found.level, Level::Simple, "{text}");
        let features = found.features.indices.iter().zip(&found.features.values);
        let form = features
            .filter(|(index, _)| **index == FORM)
            .map(|(_, value)| *value)
            .next();
        assert_eq!(form.unwrap_or(0.0), gain, "{text}");
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
