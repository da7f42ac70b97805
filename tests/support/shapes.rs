//! Interfaces as text that is the same for the same types, however they were named, written or encoded on the way.

use wit_parser::{Handle, Interface, Resolve, Type, TypeDefKind};

/// Each function with its parameters and its result, down to the primitive types.
pub(crate) fn functions(resolve: &Resolve, interface: &Interface) -> Vec<String> {
    let functions = interface.functions.values().map(|function| {
        let params = function
            .params
            .iter()
            .map(|param| format!("{}: {}", param.name, shape(resolve, param.ty)));
        let result = optional(resolve, function.result);
        format!("{}({}) -> {result}", function.name, list(params))
    });
    functions.collect()
}

fn shape(resolve: &Resolve, ty: Type) -> String {
    let Type::Id(id) = ty else {
        return format!("{ty:?}").to_lowercase();
    };
    let of = |ty| shape(resolve, ty);
    let definition = &resolve.types[id];
    let name = definition.name.as_deref().unwrap_or_default();
    match &definition.kind {
        // An alias, or a name that is taken over from another interface.
        TypeDefKind::Type(ty) => of(*ty),
        TypeDefKind::Record(record) => {
            let fields = record.fields.iter();
            let fields = fields.map(|field| format!("{}: {}", field.name, of(field.ty)));
            format!("record {name} {{ {} }}", list(fields))
        }
        TypeDefKind::Variant(variant) => {
            let cases = variant.cases.iter();
            let cases = cases.map(|case| format!("{}({})", case.name, optional(resolve, case.ty)));
            format!("variant {name} {{ {} }}", list(cases))
        }
        TypeDefKind::Enum(own) => {
            let cases = own.cases.iter().map(|case| case.name.clone());
            format!("enum {name} {{ {} }}", list(cases))
        }
        TypeDefKind::Tuple(tuple) => {
            format!("tuple<{}>", list(tuple.types.iter().copied().map(of)))
        }
        TypeDefKind::Option(ty) => format!("option<{}>", of(*ty)),
        TypeDefKind::List(ty) => format!("list<{}>", of(*ty)),
        TypeDefKind::Result(result) => {
            let (ok, err) = (result.ok, result.err);
            format!(
                "result<{}, {}>",
                optional(resolve, ok),
                optional(resolve, err)
            )
        }
        TypeDefKind::Resource => format!("resource {name}"),
        TypeDefKind::Handle(Handle::Own(id)) => format!("own<{}>", of(Type::Id(*id))),
        TypeDefKind::Handle(Handle::Borrow(id)) => format!("borrow<{}>", of(Type::Id(*id))),
        other => panic!("the contract has no {}", other.as_str()),
    }
}

fn optional(resolve: &Resolve, ty: Option<Type>) -> String {
    ty.map_or_else(|| "_".to_owned(), |ty| shape(resolve, ty))
}

fn list(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(", ")
}
