//! A problem class, with everything by which its instances and solutions come in and go out.

use fathom_opt_problems::{AnyProblem, BulkSource, Problem};
use serde_json::Value;

use crate::data_field::{self, DataFault};
use crate::document_options::{AnyDocumentOptions, DocumentOptions};
use crate::file_format::{AnyFileWriter, AnyFormat, AnySplitter, FileFormat, SplitsByColumn, WritesFiles};
use crate::generator::{AnyGenerator, FileGenerator, Generator, WritesInstances};
use crate::live_lines::{AnyLiveFormat, ComesByLine};
use crate::solution_form::{AnySolutionForm, AnySolutionWriter, SolutionForm, WritesSolutions};
use crate::stub_format::{AnyStubFormat, StubFormat};

/// A problem class, with its types erased.
///
/// A class has documents, a schema and solutions in JSON from its [`Problem`] alone; the rest is named one by one:
///
/// ```
/// use fathom_opt_instances::Class;
/// use fathom_opt_instances::fair_division::{AllocationTable, MixedManna, UtilityTable};
/// use fathom_opt_problems::fair_division::FairDivision;
///
/// let class = Class::of::<FairDivision>()
///     .reads::<UtilityTable>()
///     .writes::<UtilityTable>()
///     .takes_solutions::<AllocationTable>()
///     .generates::<MixedManna>();
/// assert_eq!(class.formats()[0].name, "utility-table");
/// ```
#[derive(Debug, Clone)]
pub struct Class {
    /// The name in documents and on the command line.
    pub kind: &'static str,
    /// The class in one line.
    pub summary: &'static str,
    schema: fn() -> (Value, Value),
    parse: Parse,
    document_options: Option<AnyDocumentOptions>,
    formats: Vec<AnyFormat>,
    writers: Vec<AnyFileWriter>,
    stream: Option<AnyFileWriter>,
    splitters: Vec<AnySplitter>,
    live: Vec<AnyLiveFormat>,
    stubs: Vec<AnyStubFormat>,
    solution_forms: Vec<AnySolutionForm>,
    solution_writers: Vec<AnySolutionWriter>,
    generators: Vec<AnyGenerator>,
}

/// From the JSON text of a `data` field to the instance.
type Parse = fn(&str, &mut dyn BulkSource) -> Result<Box<dyn AnyProblem>, DataFault>;

impl Class {
    /// The class `P`, with documents alone.
    pub fn of<P: Problem>() -> Self {
        Self {
            kind: P::KIND,
            summary: P::SUMMARY,
            schema: || (schemars::schema_for!(P::Data).to_value(), schemars::schema_for!(P::Solution).to_value()),
            parse: data_field::parse::<P>,
            document_options: None,
            formats: Vec::new(),
            writers: Vec::new(),
            stream: None,
            splitters: Vec::new(),
            live: Vec::new(),
            stubs: Vec::new(),
            solution_forms: Vec::new(),
            solution_writers: Vec::new(),
            generators: Vec::new(),
        }
    }

    /// Its documents take reading options.
    pub fn documents_take<O: DocumentOptions>(mut self) -> Self {
        self.document_options = Some(AnyDocumentOptions::of::<O>());
        self
    }

    /// It is read from files of the format `F`.
    pub fn reads<F: FileFormat>(mut self) -> Self {
        self.formats.push(AnyFormat::of::<F>());
        self
    }

    /// It is written as files of the format `F`.
    pub fn writes<F: WritesFiles>(mut self) -> Self {
        self.writers.push(AnyFileWriter::of::<F>());
        self
    }

    /// It is written in the format `F` where there is no file name, as on standard output; a document otherwise.
    pub fn streams<F: WritesFiles>(mut self) -> Self {
        self.stream = Some(AnyFileWriter::of::<F>());
        self
    }

    /// One file of the format `F` may hold several instances.
    pub fn splits<F: SplitsByColumn>(mut self) -> Self {
        self.splitters.push(AnySplitter::of::<F>());
        self
    }

    /// Files of the format `F` can be answered while they come.
    pub fn comes_by_line<F: ComesByLine>(mut self) -> Self {
        self.live.push(AnyLiveFormat::of::<F>());
        self
    }

    /// Modelling languages hand it over in files of the format `F`.
    pub fn answers_stubs<F: StubFormat>(mut self) -> Self {
        self.stubs.push(AnyStubFormat::of::<F>());
        self
    }

    /// Its solutions are read from files of the form `F`.
    pub fn takes_solutions<F: SolutionForm>(mut self) -> Self {
        self.solution_forms.push(AnySolutionForm::of::<F>());
        self
    }

    /// Its solutions are written in the form `W`.
    pub fn writes_solutions<W: WritesSolutions>(mut self) -> Self {
        self.solution_writers.push(AnySolutionWriter::of::<W>());
        self
    }

    /// The generator `G` makes instances of it.
    pub fn generates<G: Generator>(mut self) -> Self {
        self.generators.push(AnyGenerator::of::<G>());
        self
    }

    /// The generator `G` makes instances of it, and can write them while it makes them.
    pub fn generates_as_stream<G: WritesInstances>(mut self) -> Self {
        self.generators.push(AnyGenerator::of_written::<G>());
        self
    }

    /// The generator `G` makes instances of it from files.
    pub fn generates_from_files<G: FileGenerator>(mut self) -> Self {
        self.generators.push(AnyGenerator::of_files::<G>());
        self
    }

    /// JSON Schema of the class's `data` field.
    pub fn data_schema(&self) -> Value {
        (self.schema)().0
    }

    /// JSON Schema of the class's solutions.
    pub fn solution_schema(&self) -> Value {
        (self.schema)().1
    }

    /// What reading a document can be told beyond the document itself, if anything.
    pub fn document_options(&self) -> Option<&AnyDocumentOptions> {
        self.document_options.as_ref()
    }

    /// The formats it is read from.
    pub fn formats(&self) -> &[AnyFormat] {
        &self.formats
    }

    /// The formats it is written in.
    pub fn writers(&self) -> &[AnyFileWriter] {
        &self.writers
    }

    /// The format it is written in where there is no file name, if that is not the document.
    pub fn stream(&self) -> Option<&AnyFileWriter> {
        self.stream.as_ref()
    }

    /// The formats that can be answered while they come, beside the stream itself.
    pub fn live_formats(&self) -> &[AnyLiveFormat] {
        &self.live
    }

    /// The formats of which one file may hold several instances.
    pub fn splitters(&self) -> &[AnySplitter] {
        &self.splitters
    }

    /// The formats in which modelling languages hand it over.
    pub fn stub_formats(&self) -> &[AnyStubFormat] {
        &self.stubs
    }

    /// The forms its solutions are read from, beside JSON.
    pub fn solution_forms(&self) -> &[AnySolutionForm] {
        &self.solution_forms
    }

    /// The forms its solutions are written in, beside the solution document.
    pub fn solution_writers(&self) -> &[AnySolutionWriter] {
        &self.solution_writers
    }

    /// The generators that make instances of it.
    pub fn generators(&self) -> &[AnyGenerator] {
        &self.generators
    }

    pub(crate) fn parse(&self, data: &str, bulk: &mut dyn BulkSource) -> Result<Box<dyn AnyProblem>, DataFault> {
        (self.parse)(data, bulk)
    }
}
