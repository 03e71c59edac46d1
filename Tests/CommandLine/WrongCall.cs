namespace IlgpuVae.Tests.CommandLine;

/// <summary>A call that has to be refused. <c>$</c> stands for the folder of <see cref="DamagedFiles"/>; blanks part the arguments.</summary>
/// <param name="Arguments">The call. What <c>train</c> lacks to take only a moment is added.</param>
/// <param name="Mentions">What the message has to say, parted by bars.</param>
public sealed record WrongCall(string Arguments, string Mentions)
{
    /// <summary>All of them.</summary>
    public static IEnumerable<TestCaseData> All => Words.Concat(Numbers).Concat(Together).Concat(Data).Concat(Configs).Concat(Runs).Concat(Parsing)
        .Select(call => new TestCaseData(call).SetArgDisplayNames(call.Arguments));

    private static WrongCall[] Parsing =>
    [
        new("trian", "no command trian|Did you mean train?"),
        new("--jason", "no option --jason"),
        new("train --lerning-rate 1e-3", "no option --lerning-rate|Did you mean --learning-rate?"),
        new("train extra", "'extra'|option"),
        new("train --batch", "--batch needs a value"),
        new("train --out --json", "--out needs a value"),
        new("train --invert=maybe", "--invert|true"),
        new("train --batch 1 --batch 2", "--batch is given 2 times"),
        new("train --steps abc", "--steps abc|whole number"),
        new("train --batch 1.5", "--batch 1.5|whole number"),
        new("train --batch 99999999999", "--batch 99999999999|whole number"),
        new("train --momentum 0,9", "--momentum 0,9|point"),
        new("train --seed -1", "--seed -1|from 0"),
        new("train --memory-limit 1GB", "--memory-limit 1GB|whole number"),
        new("eval", "eval needs --run"),
        new("devices --run $/run", "devices has no option --run"),
    ];

    private static WrongCall[] Words =>
    [
        new("train --activation relo", "--activation relo|Did you mean relu|tanh"),
        new("train --embedding onehot", "--embedding onehot|one-hot"),
        new("train --embedding 0", "--embedding 0"),
        new("train --prior unifrom", "--prior unifrom|Did you mean uniform"),
        new("train --likelihood bernouli", "--likelihood bernouli|Did you mean bernoulli"),
        new("train --optimizer adagrad", "--optimizer adagrad|sgd"),
        new("train --estimator exakt", "--estimator exakt|exact"),
        new("train --binarize sometimes", "--binarize sometimes|threshold"),
        new("train --device gpu", "'gpu'|opencl"),
        new("train --device cuda:x", "'cuda:x'"),
        new("train --device cuda:99", "'cuda:99'|ilgpu-vae devices"),
        new("train --device opencl:99", "'opencl:99'|ilgpu-vae devices"),
        new("train --device cpu:1", "'cpu:1'"),
        new("train --encoder 16,x", "--encoder 16,x|'x'"),
        new("train --decoder -3", "--decoder -3"),
        new("train --encoder 0", "--encoder 0"),
        new("train --beta two", "--beta two|linear:FROM:TO"),
        new("train --beta linear:0:1:0", "--beta linear:0:1:0"),
        new("train --learning-rate quick:1:2", "--learning-rate quick:1:2|cosine"),
        new("train --learning-rate 1e-3,warm=5", "--learning-rate 1e-3,warm=5|warmup="),
        new("train --learning-rate 1e99", "--learning-rate 1e99"),
    ];

    private static WrongCall[] Numbers =>
    [
        new("train --batch 0", "--batch is 0"),
        new("train --latents 0", "--latents is 0"),
        new("train --categories -1", "--categories is -1"),
        new("train --latents 65536 --categories 65536", "--latents|--categories|room"),
        new("train --steps 0", "--steps is 0"),
        new("train --epochs 0", "--epochs 0"),
        new("train --epochs nan", "--epochs"),
        new("train --beta -1", "--beta -1|at least 0"),
        new("train --temperature 0 --estimator gumbel-softmax", "--temperature 0|above 0"),
        new("train --temperature exponential:1:0", "--temperature exponential:1:0|above 0"),
        new("train --learning-rate -0.1", "--learning-rate -0.1|at least 0"),
        new("train --weight-decay 2", "--weight-decay 2|below 1"),
        new("train --momentum 1", "--momentum 1|below 1"),
        new("train --clip-norm -1", "--clip-norm -1|0 turns clipping off"),
        new("train --log-every 0", "--log-every is 0"),
        new("train --eval-every -1", "--eval-every is -1"),
        new("train --eval-examples 0", "--eval-examples is 0"),
        new("train --checkpoint-every 0", "--checkpoint-every is 0"),
        new("train --memory-limit 0", "--memory-limit 0|MiB"),
        new("train --memory-limit 1 --encoder 4000", "out of memory|MiB more were asked for|1.0 MiB is all that --memory-limit allows|--encoder"),
        new("train --batch 2000000000", "out of memory|--batch"),
        new("train --likelihood gaussian --noise 0", "--noise 0|above 0"),
        new("train --likelihood categorical --levels 1", "--levels 1|2 to 256"),
        new("train --likelihood categorical --levels 300", "--levels 300|2 to 256"),
    ];

    private static WrongCall[] Together =>
    [
        new("train --steps 5 --epochs 1", "--steps|--epochs"),
        new("train --embedding sign --categories 3", "sign|--categories 2"),
        new("train --estimator exact --latents 40", "joint codes|--estimator gumbel-softmax"),
        new("train --estimator disarm", "disarm|--categories 2"),
        new("train --estimator vimco --samples 1", "vimco|--samples"),
        new("train --estimator gumbel-softmax --samples 3", "--samples|gumbel-softmax"),
        new("train --noise 0.1", "--noise|--likelihood gaussian"),
        new("train --levels 5", "--levels|--likelihood categorical"),
        new("train --likelihood gaussian --binarize threshold", "--binarize threshold|gaussian|--binarize none"),
        new("train --out $/run", "$/run|--resume $/run"),
        new("train --out $/nothing", "$/nothing|--out"),
        new("train --out $/bits.csv", "$/bits.csv is a file|--out"),
        new("train --out $/bits.csv/run", "$/bits.csv/run"),
    ];

    private static WrongCall[] Data =>
    [
        new("train --data glyph", "glyph does not exist|Did you mean glyphs"),
        new("train --data glyphs:sise=8", "sise|Did you mean size"),
        new("train --data glyphs:noise=0.7", "noise"),
        new("train --data glyphs:size=8,size=9", "size twice"),
        new("train --data $/bit.csv", "$/bit.csv does not exist|bits.csv"),
        new("train --data $/absent/x.csv", "$/absent/x.csv|folder"),
        new("train --data $/empty.csv", "$/empty.csv|empty"),
        new("train --data $/word.csv", "$/word.csv, line 2, column 2|'zero'"),
        new("train --data $/nan.csv", "$/nan.csv, line 2, column 2|missing"),
        new("train --data $/huge.csv", "$/huge.csv, line 2, column 2|1e300"),
        new("train --data $/ragged.csv", "$/ragged.csv, line 2|3 columns|2"),
        new("train --data $/one.csv --valid-fraction 0.5 --test-fraction 0.4", "one.csv"),
        new("train --data $/levels.csv", "levels.csv|Bernoulli|--scale 9"),
        new("train --data $/negative.csv", "negative.csv|Bernoulli|--likelihood gaussian"),
        new("train --data $/levels.csv --likelihood categorical --levels 5", "levels.csv|0 to 4|--levels"),
        new("train --data $/bits.csv --columns 9", "--columns|9"),
        new("train --data $/named.csv --columns heigt", "'heigt'|Did you mean height"),
        new("train --data $/bits.csv --label-column kind", "--label-column|'kind'"),
        new("train --data $/bits.csv --scale 0", "--scale 0"),
        new("train --data $/bits.csv --picture 2x2", "--picture 2x2|3 numbers"),
        new("train --data $/bits.csv --invert", "--invert"),
        new("train --data $/bits.csv --resize 0", "--resize 0"),
        new("train --data $/bits.csv --valid-fraction 1.5", "--valid-fraction 1.5"),
        new("train --data $/bits.csv --valid-fraction 0.6 --test-fraction 0.6", "--valid-fraction 0.6|--test-fraction 0.6"),
        new("train --data $/bits.csv --binarize static", "--binarize none"),
        new("train --standardise", "glyphs"),
        new("train --data $/digits.amat", "$/digits.amat, line 2, column 2|'2'"),
        new("train --data $/short.amat", "$/short.amat, line 2"),
        new("train --data $/notes.doc", "$/notes.doc|.csv"),
        new("train --data $/nothing", "$/nothing|IDX"),
        new("train --data $/cut", "$/cut/train-images-idx3-ubyte|16 bytes|13"),
        new("train --data $/long", "$/long/train-images-idx3-ubyte|16 bytes|17"),
        new("train --data $/magic", "$/magic/train-images-idx3-ubyte|01020304"),
        new("train --data $/labels", "$/labels/train-labels-idx1-ubyte|3 labels|4 examples"),
        new("train --data $/packed", "$/packed/train-images-idx3-ubyte.gz|damaged or cut short"),
        new("train --data $/cut.npy", "$/cut.npy|48 bytes|40"),
        new("train --data $/nan.npy", "$/nan.npy"),
        new("train --data $/text.npy", "$/text.npy|float32"),
        new("train --data $/plain.npy", "$/plain.npy|numpy.save"),
        new("train --data $/broken", "$/broken/a.png"),
        new("train --data $/sizes", "b.png"),
        new("train --data $/pictures.zip", "$/pictures.zip"),
    ];

    private static WrongCall[] Configs =>
    [
        new("train --config $/absent.json", "$/absent.json"),
        new("train --config $/run", "$/run is a folder|config.json"),
        new("train --config $/unfinished.json", "$/unfinished.json line"),
        new("train --config $/unknown.json", "$/unknown.json line 2|batsh|Did you mean batch"),
        new("train --config $/wrong.json", "$/wrong.json line 2|batch has a value"),
        new("train --config $/null.json", "$/null.json|null"),
        new("train --config $/list.json", "$/list.json"),
        new("train --config $/half.json", "$/half.json|estimator"),
        new("train --config $/bits.csv", "$/bits.csv holds no settings"),
    ];

    private static WrongCall[] Runs =>
    [
        new("eval --run $/absent", "no folder $/absent"),
        new("eval --run $/nothing", "$/nothing|config.json"),
        new("eval --run $/no-config", "$/no-config|config.json"),
        new("eval --run $/no-checkpoint", "$/no-checkpoint|checkpoint"),
        new("eval --run $/cut-checkpoint", "$/cut-checkpoint/checkpoint.safetensors"),
        new("eval --run $/flipped-checkpoint", "$/flipped-checkpoint/checkpoint.safetensors|checksum"),
        new("eval --run $/other-shape", "$/other-shape/checkpoint.safetensors|[4, 16]|[5, 16]"),
        new("eval --run $/damaged-config", "$/damaged-config/config.json line"),
        new("eval --run $/run --split vald", "--split vald|valid"),
        new("eval --run $/run --samples -1", "--samples -1"),
        new("eval --run $/run --device gpu", "'gpu'"),
        new("eval --run $/run --data glyphs:size=9", "glyphs:size=9|81|64"),
        new("eval --run $/run --data $/word.csv", "$/word.csv, line 2"),
        new("eval --run $/run --data glyphs:size=8,valid=0 --split valid", "no valid split|--split test"),
        new("sample --run $/run --count 0", "--count is 0"),
        new("sample --run $/run --count 1000000000", "--count is 1000000000"),
        new("sample --run $/run --out $/run/checkpoint.safetensors", "checkpoint.safetensors|.png"),
        new("sample --run $/run --out $/absent/x.png", "$/absent"),
        new("reconstruct --run $/run --count -2", "--count is -2"),
        new("reconstruct --run $/run --split all", "--split all"),
        new("reconstruct --run $/no-checkpoint", "$/no-checkpoint|checkpoint"),
        new("train --resume $/absent", "no folder $/absent"),
        new("train --resume $/nothing", "$/nothing|config.json"),
        new("train --resume $/no-checkpoint", "before the first|--config $/no-checkpoint/config.json"),
        new("train --resume $/cut-checkpoint", "$/cut-checkpoint/checkpoint.safetensors"),
        new("train --resume $/other-shape", "[4, 16]|[5, 16]"),
        new("train --resume $/other-data", "changed since the run began|256|255"),
        new("train --resume $/damaged-metrics", "$/damaged-metrics/metrics.jsonl line 1"),
        new("train --resume $/damaged-config", "$/damaged-config/config.json line"),
        new("train --resume $/run --batch 16", "--resume|--batch|--steps"),
        new("train --resume $/run --config $/run/config.json", "--resume|--config"),
        new("train --resume $/run --out $/new", "--resume|--out"),
        new("train --resume $/run --explain", "--resume|--explain"),
        new("train --resume $/run --steps 3", "step 4|--steps 4"),
        new("train --resume $/run --device opencl:99", "'opencl:99'"),
    ];
}
