//! Carries transforms out over a text: finds the sites, applies their edits, parses the result again.
//!
//! One transform takes one pass, because each leaves nothing for itself to do, unless its edits took away what may have kept other sites. Several
//! are repeated together until none of them finds more: a removed call may free a name that another transform then declares better. It decides
//! nothing about a site.

use std::collections::BTreeMap;

use oxc_allocator::Allocator;

use crate::edit::{self, Moves};
use crate::parse::{self, Reading};
use crate::reparse::Touched;
use crate::transforms::{Fate, Site, Transform};
use crate::{Edit, Refusal, RefusedSite, Span, Transformation, confidence, count, opportunity};

/// More passes than any text needs whose sites do not free each other in a long chain. What is left then is left.
const MOST: usize = 16;

/// What comes after the edits of a pass.
enum Next {
    /// There may be more to do.
    Pass,
    /// There is not: the result only has to be parsed. What the edits touched, where that is all that has to be looked at.
    Check(Option<Touched>),
}

/// What has been done so far.
pub(crate) struct Passes<'t> {
    original: &'t str,
    transforms: &'t [&'static Transform],
    /// The text after the passes so far; none before the first edit.
    text: Option<String>,
    /// All edits so far, on the original.
    edits: Vec<Edit>,
    /// Sites changed, by transform.
    changed: Vec<u32>,
    /// The sites that the last pass left alone, by transform.
    refused: Vec<Vec<RefusedSite>>,
}

impl<'t> Passes<'t> {
    pub(crate) fn over(original: &'t str, transforms: &'t [&'static Transform]) -> Passes<'t> {
        Passes {
            original,
            transforms,
            text: None,
            edits: Vec::new(),
            changed: vec![0; transforms.len()],
            refused: Vec::new(),
        }
    }

    /// Repeats passes until there is nothing more to do.
    ///
    /// # Errors
    /// The text is not to be transformed, or a result does not parse.
    pub(crate) fn run(mut self, reading: Reading) -> Result<Transformation, Refusal> {
        let mut reading = reading;
        // One for everything that is parsed, one after the other: its memory is there then.
        let mut allocator = parse::allocator_for(self.original);
        for pass in 0..MOST {
            let (edits, next, settled) = self.pass(&allocator, reading)?;
            allocator.reset();
            // A later pass reads the text as the first one did, whatever the edits did to it.
            reading = settled;
            if edits.is_empty() {
                return Ok(self.end());
            }
            self.apply(edits)?;
            if let Next::Check(touched) = next {
                // What was touched is known on the first text alone.
                let touched = touched.filter(|_| pass == 0);
                if touched.is_some_and(|touched| {
                    touched.still_parse(&allocator, self.text(), &self.edits, reading)
                }) {
                    return Ok(self.end());
                }
                allocator.reset();
                break;
            }
        }
        parse::check(&allocator, self.text(), reading)?;
        Ok(self.end())
    }

    fn text(&self) -> &str {
        self.text.as_deref().unwrap_or(self.original)
    }

    /// Finds the sites and returns the edits of those that are changed in this pass, ascending, what comes after them, and how the text was read.
    fn pass(
        &mut self,
        allocator: &Allocator,
        reading: Reading,
    ) -> Result<(Vec<Edit>, Next, Reading), Refusal> {
        // Taken for the pass: what is parsed is borrowed from it.
        let text = self.text.take();
        let own = text.as_deref().unwrap_or(self.original);
        let parsed =
            parse::parse(allocator, own, reading).map_err(|refusal| match (&text, refusal) {
                (Some(_), Refusal::Parse((_, words))) => {
                    Refusal::Internal(format!("reparse: {words}"))
                }
                (_, refusal) => refusal,
            })?;
        let moves = Moves::of(&self.edits);
        let mut changes = Vec::new();
        let mut refused = Vec::with_capacity(self.transforms.len());
        for (place, transform) in self.transforms.iter().enumerate() {
            let mut own = Vec::new();
            for Site { span, fate } in (transform.sites)(&parsed) {
                match fate {
                    Fate::Changed(first, further) => changes.push((span, place, first, further)),
                    Fate::Refused(hazard) => own.push(RefusedSite {
                        transform: transform.name.to_owned(),
                        span: moves.back(span),
                        code: hazard.code.code.to_owned(),
                        message: hazard.message,
                        lifted_by: hazard.lifted_by.map(|by| by.name().to_owned()),
                    }),
                }
            }
            refused.push(own);
        }
        self.refused = refused;
        let edits = self.select(changes);
        let next = match self.transforms {
            [only] if !only.frees.is_some_and(|frees| frees(&parsed, &edits)) => {
                Next::Check(Touched::by(&parsed, &edits))
            }
            _ => Next::Pass,
        };
        let reading = parsed.reading;
        drop(parsed);
        self.text = text;
        Ok((edits, next, reading))
    }

    /// The edits of the sites that do not get into each other's way; an outer site comes before those in it, which the next pass
    /// finds if they are still there.
    fn select(&mut self, mut changes: Vec<(Span, usize, Edit, Vec<Edit>)>) -> Vec<Edit> {
        if let [only] = &mut self.changed[..] {
            // One transform's sites never get into each other's way.
            *only += count(changes.len());
            let mut edits: Vec<Edit> = Vec::with_capacity(changes.len());
            for (.., first, further) in changes {
                edits.push(first);
                edits.extend(further);
            }
            edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
            return edits;
        }
        changes.sort_by_key(|(span, place, ..)| (span.start, std::cmp::Reverse(span.end), *place));
        // Edits that do not collide ascend by their ends too, so only neighbours can be in the way.
        let mut selected: BTreeMap<(u32, u32), Edit> = BTreeMap::new();
        for (_, place, first, further) in changes {
            let is_free = |edit: &Edit| {
                let key = (edit.span.start, edit.span.end);
                let before = selected.range(..=key).next_back();
                let after = selected.range(key..).next();
                before
                    .into_iter()
                    .chain(after)
                    .all(|(_, other)| !edit::collide(edit, other))
            };
            if is_free(&first) && further.iter().all(is_free) {
                self.changed[place] += 1;
                let edits = std::iter::once(first).chain(further);
                selected.extend(edits.map(|edit| ((edit.span.start, edit.span.end), edit)));
            }
        }
        selected.into_values().collect()
    }

    fn apply(&mut self, edits: Vec<Edit>) -> Result<(), Refusal> {
        let text = edit::apply(self.text(), &edits).map_err(Refusal::Internal)?;
        self.edits = if self.text.is_some() {
            edit::compose(&self.edits, &edits, &text)
        } else {
            edits
        };
        self.text = Some(text);
        Ok(())
    }

    fn end(self) -> Transformation {
        let by_transform: Vec<_> = (self.transforms.iter().zip(&self.changed).zip(&self.refused))
            .map(|((transform, changed), refused)| {
                opportunity(transform, *changed, count(refused.len()))
            })
            .filter(|done| done.sites_changed + done.sites_refused > 0)
            .collect();
        let mut sites_refused: Vec<RefusedSite> = self.refused.into_iter().flatten().collect();
        sites_refused.sort_by_key(|site| (site.span.start, site.span.end));
        let sites_changed = self.changed.iter().sum();
        Transformation {
            text: self.text.unwrap_or_else(|| self.original.to_owned()),
            edits: self.edits,
            sites_changed,
            confidence: confidence(sites_changed, count(sites_refused.len())),
            sites_refused,
            by_transform,
        }
    }
}
