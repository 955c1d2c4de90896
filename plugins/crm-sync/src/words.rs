//! Dates, amounts, lengths and names, for people.

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];
/// A card takes 500 characters; nobody reads as many.
const LONGEST: usize = 200;

/// Those that are there, one after the other.
pub(crate) fn joined<const N: usize>(parts: [Option<&str>; N], between: &str) -> Option<String> {
    let there: Vec<&str> = parts.into_iter().flatten().collect();
    (!there.is_empty()).then(|| there.join(between))
}

/// At most so much of it as one line may have.
pub(crate) fn short(text: &str) -> String {
    let mut out: String = text.chars().take(LONGEST).collect();
    if out.len() < text.len() {
        out.pop();
        out.push('…');
    }
    out
}

/// HubSpot's own stages by their names; an account's own as they are.
pub(crate) fn lifecycle(stage: &str) -> String {
    let known = match stage {
        "subscriber" => "Subscriber",
        "lead" => "Lead",
        "marketingqualifiedlead" => "Marketing qualified lead",
        "salesqualifiedlead" => "Sales qualified lead",
        "opportunity" => "Opportunity",
        "customer" => "Customer",
        "evangelist" => "Evangelist",
        "other" => "Other",
        own => own,
    };
    known.to_owned()
}

/// "7 Dec 2026" for `2026-12-07T16:50:06.678Z`, in one piece at the end of a line.
pub(crate) fn date(text: &str) -> Option<String> {
    let mut parts = text.get(..10)?.split('-');
    let year = parts.next()?;
    let month: usize = parts.next()?.parse().ok()?;
    let day: u8 = parts.next()?.parse().ok()?;
    let month = MONTHS.get(month.checked_sub(1)?)?;
    let plain = year.bytes().all(|b| b.is_ascii_digit()) && (1..=31).contains(&day);
    plain.then(|| format!("{day}\u{a0}{month}\u{a0}{year}"))
}

/// "12,500 EUR" for `12500.00`.
pub(crate) fn amount(text: &str, currency: Option<&str>) -> String {
    let (whole, cents) = text.split_once('.').unwrap_or((text, ""));
    let plain = whole.bytes().all(|b| b.is_ascii_digit());
    let mut out = if plain {
        grouped(whole)
    } else {
        whole.to_owned()
    };
    if cents.bytes().any(|b| b != b'0') {
        out = format!("{out}.{cents}");
    }
    joined([Some(out.as_str()), currency], " ").unwrap_or_default()
}

fn grouped(digits: &str) -> String {
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// "2 min 10 s", "3 h 5 min".
pub(crate) fn length(ms: u64) -> String {
    let seconds = ms / 1_000;
    match (seconds / 3_600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

/// As text inside HTML.
pub(crate) fn html(text: &str) -> String {
    text.chars().fold(String::new(), |mut out, c| {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
        out
    })
}
