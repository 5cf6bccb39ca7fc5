//! AMPL's protocol for solver programs: `PROGRAM STUB -AMPL key=value...` reads `STUB.nl` and answers in `STUB.sol`.
//!
//! D. M. Gay, "Hooking your solver to AMPL" (1997). Keywords have Ipopt's names and units where the meaning is equal, because modelling tools pass those.

use std::io::{self, Write};

use fathom_opt_problems::nonlinear::{Nonlinear, NonlinearSolution};

use super::nl::{SolFile, StubFrame};
use super::nl_file::{NlFile, NlOptions};
use crate::input_file::InputFile;
use crate::stub_format::{Keyword, Meaning, StubAnswer, StubFormat};

const fn keyword(name: &'static str, meaning: Meaning) -> Keyword {
    Keyword { name, meaning }
}

/// Why a choice inside Ipopt has no counterpart.
const INSIDE: Meaning = Meaning::Nothing("it chooses between parts of Ipopt that Fathom does not have");
/// Why Ipopt's other tolerances have no counterpart.
const ONE_TOLERANCE: Meaning = Meaning::Nothing("there is one tolerance, tol");
/// Why a choice of Ipopt's output has no counterpart.
const OUTPUT: Meaning = Meaning::Nothing("it shapes Ipopt's own output");

impl StubFormat for NlFile {
    const SWITCH: &'static str = "-AMPL";
    const STUB: &'static str = ".nl";
    const ANSWER: &'static str = ".sol";
    const STANDS_IN_FOR: &'static [&'static str] = &["ipopt"];
    const CONFIRMED_BY: &'static str = "KKT conditions";
    const KEYWORDS: &'static [Keyword] = &[
        keyword("solver", Meaning::Solver),
        keyword("seed", Meaning::Seed),
        keyword("tol", Meaning::OfSolver(&["tolerance", "tol"])),
        keyword("max_iter", Meaning::Iterations),
        keyword("maxit", Meaning::Iterations),
        keyword("max_cpu_time", Meaning::Seconds),
        keyword("max_wall_time", Meaning::Seconds),
        keyword("timelim", Meaning::Seconds),
        keyword("print_level", Meaning::Verbosity),
        keyword("outlev", Meaning::Verbosity),
        keyword("option_file_name", Meaning::OptionFile),
        keyword("objno", Meaning::ReadingFromOne("objective")),
        keyword("mu_init", Meaning::OfSolver(&["barrier"])),
        keyword("mu_strategy", INSIDE),
        keyword("acceptable_tol", ONE_TOLERANCE),
        keyword("acceptable_iter", ONE_TOLERANCE),
        keyword("dual_inf_tol", ONE_TOLERANCE),
        keyword("constr_viol_tol", ONE_TOLERANCE),
        keyword("compl_inf_tol", ONE_TOLERANCE),
        keyword("bound_push", INSIDE),
        keyword("bound_frac", INSIDE),
        keyword("bound_relax_factor", INSIDE),
        keyword("honor_original_bounds", INSIDE),
        keyword("fixed_variable_treatment", INSIDE),
        keyword("warm_start_init_point", Meaning::Nothing("a solve starts at the model's own start")),
        keyword("wantsol", Meaning::Nothing("the answer is always written")),
        keyword("linear_solver", INSIDE),
        keyword("hsllib", INSIDE),
        keyword("nlp_scaling_method", INSIDE),
        keyword("hessian_approximation", Meaning::Nothing("Hessians are always exact")),
        keyword("halt_on_ampl_error", Meaning::Nothing("an undefined value never stops a solve by itself")),
        keyword("ma27_pivtol", INSIDE),
        keyword("ma57_pivtol", INSIDE),
        keyword("ma57_automatic_scaling", INSIDE),
        keyword("ma97_order", INSIDE),
        keyword("pardiso_max_iter", INSIDE),
        keyword("mumps_mem_percent", INSIDE),
        keyword("output_file", OUTPUT),
        keyword("file_print_level", OUTPUT),
        keyword("print_user_options", OUTPUT),
        keyword("print_options_documentation", OUTPUT),
        keyword("print_timing_statistics", OUTPUT),
        keyword("print_info_string", OUTPUT),
        keyword("print_frequency_iter", OUTPUT),
        keyword("sb", OUTPUT),
    ];

    fn answer(
        file: &InputFile,
        problem: &Nonlinear,
        options: &NlOptions,
        answer: StubAnswer<'_, NonlinearSolution>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let frame = StubFrame::of(file.bytes()).map_err(|fault| io::Error::new(io::ErrorKind::InvalidData, fault.to_string()))?;
        let sol = SolFile::of(problem, frame.constraints, &frame.options, answer.message, answer.code, answer.solution);
        out.write_all(SolFile { objective: options.objective, ..sol }.text().as_bytes())
    }
}
