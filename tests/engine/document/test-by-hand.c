/* SPDX-License-Identifier: Apache-2.0 */
/* Boxes against the same thing drawn by hand from primitive ops, as TensorFlow's Python defines it, in one document:
 * the same bits, and the same bits of the gradient. What test-layers.c compares is not repeated here.
 *
 * A document is written a node a line: "name Op port=source attr:value", in any order of ports and attributes. A source
 * is a node's name, with ".1" behind it for its second output, or a literal in quotes. "name f32 [2,3] [1,2,…]" is a
 * constant, as is i32. Values hold no spaces. */
#include "engine/document/lower.h"
#include "engine/engine.h"
#include "engine/graph/gradient.h"
#include "engine/runtime/session.h"
#include "tests/support/support.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
  const char *name;
  const char *nodes;
  const char *pairs;    /* "box hand, box.1 other": what is compared */
  const char *run;      /* nodes that are run three times before, or NULL */
  const char *along;    /* node for which the gradients of the first pair are compared, or NULL */
  GwMode      mode;
} Case;

#define X "x f32 [2,3] [0.5,-1.25,2,0.75,-0.3,1.1]\n"
#define P "p f32 [2,3] [0.5,-1.25,2,0.75,-0.3,1.1]\n"
#define L "l f32 [2,3] [0,1,1,0.5,0,1]\n"
#define K "[[0.3,-0.7],[1.1,0.2],[-0.4,0.9]]"
#define B "[0.1,-0.2]"
#define DENSE(activation)                                                                                         \
  X "box Dense inputs=x units:2 activation:'" activation "' kernel_initializer:'" K "' bias_initializer:'" B "'\n" \
  "k VariableV2 shape:[3,2] _initializer:'" K "'\n"                                                               \
  "b VariableV2 shape:[2] _initializer:'" B "'\n"                                                                 \
  "product MatMul a=x b=k\n"                                                                                      \
  "sum BiasAdd value=product bias=b\n"
#define LOSS(kind, attrs) P L "w f32 [2,1] [2,0.5]\n" \
  "box Loss predictions=p labels=l weights=w kind:'" kind "'" attrs "\n"
/* compute_weighted_loss(): the sum over the number of weights that are not 0 */
#define REDUCED(losses)                                                          \
  "weighted Mul x=" losses " y=w\n"                                              \
  "sum Sum input=weighted axis='[0,1]'\n"                                        \
  "there NotEqual x=w y='0'\n"                                                   \
  "counted Cast x=there DstT:'float32'\n"                                        \
  "ones OnesLike x=" losses "\n"                                                 \
  "each Mul x=counted y=ones\n"                                                  \
  "n Sum input=each axis='[0,1]'\n"                                              \
  "hand DivNoNan x=sum y=n\n"
#define TRAINED                                                                  \
  "v VariableV2 shape:[2] _initializer:'[1,-2]'\n"                               \
  "loss L2Loss t=v\n"
/* The rate after three steps, and the step as its formula has it. */
#define RATE(op, attrs) TRAINED                                                  \
  "box " op " learning_rate:0.3 " attrs "\n"                                     \
  "train Minimize loss=loss learning_rate=box optimizer:'GradientDescent'\n"     \
  "first f32 [] [0.3]\n"                                                         \
  "p RealDiv x='3.0' y='7.0'\n"
#define LSTM_KERNEL "random_uniform(-0.5,0.5)"
#define SEQUENCE "x f32 [2,3,2] [0.5,-1.25,2,0.75,-0.3,1.1,0.2,0.4,-0.9,1.3,-0.6,0.8]\n"
#define WEIGHTS "[[0.3,-0.7,0.2,0.5],[1.1,0.2,-0.3,0.4],[-0.4,0.9,0.6,-0.8]]"
#define CELL(outs, steps)                                                                                          \
  "w VariableV2 shape:[3,4] _initializer:'" WEIGHTS "'\n"                                                          \
  "b VariableV2 shape:[4] _initializer:'[0,0,0,0]'\n"                                                              \
  "none f32 [1] [0]\n"                                                                                             \
  outs " BlockLSTM seq_len_max='3' x=" steps " cs_prev=c0 h_prev=h0 w=w wci=none wcf=none wco=none b=b cell_clip:-1\n"
#define ZEROS "c0 f32 [2,1] [0,0]\nh0 f32 [2,1] [0,0]\n"

static const Case cases[] = {
  { "dense-linear", DENSE ("linear"), "box sum", .along = "x" },
  { "dense-relu", DENSE ("relu") "hand Relu features=sum\n", "box hand", .along = "x" },
  { "dense-tanh", DENSE ("tanh") "hand Tanh x=sum\n", "box hand", .along = "x" },
  { "dense-sigmoid", DENSE ("sigmoid") "hand Sigmoid x=sum\n", "box hand", .along = "x" },
  { "dense-softmax", DENSE ("softmax") "hand Softmax logits=sum\n", "box hand", .along = "x" },
  { "dense-rank-3",
    "x f32 [2,1,3] [0.5,-1.25,2,0.75,-0.3,1.1]\n"
    "box Dense inputs=x units:2 use_bias:false kernel_initializer:'" K "'\n"
    "k VariableV2 shape:[3,2] _initializer:'" K "'\n"
    "rows Reshape tensor=x shape='[2,3]'\nproduct MatMul a=rows b=k\nhand Reshape tensor=product shape='[2,1,2]'\n",
    "box hand", .along = "x" },
  { "dropout-evaluation", X "box Dropout x=x keep_prob='0.5'\nhand Identity input=x\n", "box hand", .mode = GW_MODE_EVALUATE },
  { "embedding",
    "ids i32 [2,2] [2,0,1,2]\n"
    "box Embedding inputs=ids input_dim:3 output_dim:2 embeddings_initializer:'" K "'\n"
    "k VariableV2 shape:[3,2] _initializer:'" K "'\nhand GatherV2 params=k indices=ids axis='0'\n", "box hand" },
  { "concatenate", X "y f32 [2,1] [7,8]\nbox Concatenate inputs[0]=x inputs[1]=y axis:1\nhand ConcatV2 values[0]=x values[1]=y axis='1'\n",
    "box hand", .along = "x" },
  { "residual", X "y f32 [2,3] [1,2,3,4,5,6]\nbox Residual shortcut=x branch=y activation:'relu'\n"
    "sum AddV2 x=x y=y\nhand Relu features=sum\n", "box hand", .along = "x" },

  { "mean-squared-error", LOSS ("mean_squared_error", "") "d SquaredDifference x=p y=l\n" REDUCED ("d"), "box hand", .along = "p" },
  { "absolute-difference", LOSS ("absolute_difference", "") "e Sub x=p y=l\nd Abs x=e\n" REDUCED ("d"), "box hand", .along = "p" },
  { "huber",
    LOSS ("huber_loss", " delta:0.75")
    "e Sub x=p y=l\na Abs x=e\ndelta f32 [] [0.75]\nq Minimum x=a y=delta\ntail Sub x=a y=q\nsquare Mul x=q y=q\n"
    "half Mul x='0.5' y=square\nrest Mul x=delta y=tail\nd AddV2 x=half y=rest\n" REDUCED ("d"), "box hand", .along = "p" },
  { "hinge",
    LOSS ("hinge_loss", "")
    "double Mul x='2' y=l\nsign Sub x=double y='1'\nagree Mul x=sign y=p\nm Sub x='1' y=agree\nd Relu features=m\n" REDUCED ("d"),
    "box hand", .along = "p" },
  { "log-loss",
    "p f32 [2,3] [0.5,0.25,0.9,0.75,0.3,0.1]\n" L "w f32 [2,1] [2,0.5]\n"
    "box Loss predictions=p labels=l weights=w kind:'log_loss'\n"
    "pe AddV2 x=p y='1e-7'\nyes Log x=pe\nly Mul x=l y=yes\nminus Neg x=ly\nnp Sub x='1' y=p\nne AddV2 x=np y='1e-7'\nno Log x=ne\n"
    "nl Sub x='1' y=l\nln Mul x=nl y=no\nd Sub x=minus y=ln\n" REDUCED ("d"), "box hand", .along = "p" },
  { "sigmoid-cross-entropy",
    LOSS ("sigmoid_cross_entropy", " label_smoothing:0.25")
    "less Mul x='0.75' y=l\nz AddV2 x=less y='0.125'\n"
    "zero ZerosLike x=p\npositive GreaterEqual x=p y=zero\nrelu Select condition=positive x=p y=zero\nneg Neg x=p\n"
    "abs Select condition=positive x=neg y=p\nxz Mul x=p y=z\nrest Sub x=relu y=xz\ne Exp x=abs\nlog Log1p x=e\nd AddV2 x=rest y=log\n"
    REDUCED ("d"), "box hand", .along = "p" },
  { "cosine-distance",
    P L "w f32 [2,1] [2,0.5]\nbox Loss predictions=p labels=l weights=w kind:'cosine_distance' axis:1\n"
    "product Mul x=p y=l\nalong Sum input=product axis='[1]' keep_dims:true\nd Sub x='1' y=along\n" REDUCED ("d"), "box hand", .along = "p" },
  { "softmax-cross-entropy",
    P "l i32 [2] [2,0]\nbox Loss predictions=p labels=l\n"
    "d SparseSoftmaxCrossEntropyWithLogits features=p labels=l\nsum Sum input=d axis='[0]'\nhand RealDiv x=sum y='2'\n",
    "box hand", .along = "p" },
  { "softmax-cross-entropy-smoothed",
    P "l f32 [2,3] [0,1,0,0.5,0,0.5]\nw f32 [2] [2,0]\nbox Loss predictions=p labels=l weights=w label_smoothing:0.25\n"
    "less Mul x='0.75' y=l\nshare RealDiv x='0.25' y='3'\nz AddV2 x=less y=share\n"
    "d SoftmaxCrossEntropyWithLogits features=p labels=z\nm Mul x=d y=w\nsum Sum input=m axis='[0]'\nhand RealDiv x=sum y='1'\n",
    "box hand", .along = "p" },
  { "reductions",
    P L "w f32 [2,1] [2,0]\n"
    "a Loss predictions=p labels=l weights=w kind:'mean_squared_error' reduction:'none'\n"
    "b Loss predictions=p labels=l weights=w kind:'mean_squared_error' reduction:'weighted_sum'\n"
    "c Loss predictions=p labels=l weights=w kind:'mean_squared_error' reduction:'weighted_mean'\n"
    "e Loss predictions=p labels=l weights=w kind:'mean_squared_error' reduction:'weighted_sum_over_batch_size'\n"
    "f Loss predictions=p labels=l weights=w kind:'mean_squared_error'\n"
    "d SquaredDifference x=p y=l\nwa Mul x=d y=w\nwb Sum input=wa axis='[0,1]'\nwc RealDiv x=wb y='6'\nwf RealDiv x=wb y='3'\n",
    "a wa, b wb, c wc, e wc, f wf" },
  { "total-loss",
    X "box Dense inputs=x units:2 kernel_initializer:'" K "' use_bias:false kernel_regularizer:'l2(0.1)'\n"
    "own Loss predictions=box labels='[[1,0],[0,1]]' kind:'mean_squared_error'\ntotal TotalLoss losses[0]=own\n"
    "k VariableV2 shape:[3,2] _initializer:'" K "'\nsize L2Loss t=k\npenalty Mul x='0.1' y=size\nhand AddV2 x=own y=penalty\n",
    "total hand, total.1 penalty" },

  { "clip-by-norm",
    X "box ClipByNorm t=x clip_norm='1.5'\nlimit f32 [] [1.5]\nsquare Mul x=x y=x\n"
    "sum Sum input=square axis='[0,1]' keep_dims:true\nnorm Sqrt x=sum\nlonger Mul x=x y=limit\nlength Maximum x=norm y=limit\n"
    "hand RealDiv x=longer y=length\n", "box hand" },
  { "clip-by-global-norm",
    X "y f32 [2] [3,-4]\nbox ClipByGlobalNorm t_list[0]=x t_list[1]=y clip_norm='1.5'\nlimit f32 [] [1.5]\n"
    "hx L2Loss t=x\nhy L2Loss t=y\nsum AddN inputs[0]=hx inputs[1]=hy\ndouble Mul x=sum y='2'\nnorm Sqrt x=double\n"
    "one RealDiv x='1' y=norm\ntwo RealDiv x='1' y=limit\nleast Minimum x=one y=two\nscale Mul x=limit y=least\n"
    "cx Mul x=x y=scale\ncy Mul x=y y=scale\n", "box cx, box.1 cy, box.2 norm" },

  { "exponential-decay", RATE ("ExponentialDecay", "decay_steps:7 decay_rate:0.6")
    "power Pow x='0.6' y=p\nhand Mul x=first y=power\n", "box hand", .run = "train" },
  { "natural-exponential-decay", RATE ("NaturalExpDecay", "decay_steps:7 decay_rate:0.6")
    "minus Neg x='0.6'\nrate Exp x=minus\npower Pow x=rate y=p\nhand Mul x=first y=power\n", "box hand", .run = "train" },
  { "inverse-time-decay", RATE ("InverseTimeDecay", "decay_steps:7 decay_rate:0.6")
    "t Mul x='0.6' y=p\nbelow AddV2 x='1' y=t\nhand RealDiv x=first y=below\n", "box hand", .run = "train" },
  { "polynomial-decay", RATE ("PolynomialDecay", "decay_steps:7 end_learning_rate:0.01 power:2")
    "high Sub x=first y='0.01'\nleft Sub x='1' y=p\npower Pow x=left y='2'\nt Mul x=high y=power\nhand AddV2 x=t y='0.01'\n",
    "box hand", .run = "train" },
  { "cosine-decay", RATE ("CosineDecay", "decay_steps:7 alpha:0.1")
    "angle Mul x='3.14159265358979' y=p\ncos Cos x=angle\nup AddV2 x='1' y=cos\nhalf Mul x='0.5' y=up\nt Mul x='0.9' y=half\n"
    "share AddV2 x=t y='0.1'\nhand Mul x=first y=share\n", "box hand", .run = "train" },
  { "linear-cosine-decay", RATE ("LinearCosineDecay", "decay_steps:7 num_periods:0.5 alpha:0.1 beta:0.01")
    "line Sub x='1' y=p\nup AddV2 x='0.1' y=line\nangle Mul x='3.14159265358979' y=p\ncos Cos x=angle\nc AddV2 x='1' y=cos\n"
    "half Mul x='0.5' y=c\nt Mul x=up y=half\nshare AddV2 x='0.01' y=t\nhand Mul x=first y=share\n", "box hand", .run = "train" },
  { "cosine-decay-restarts", RATE ("CosineDecayRestarts", "first_decay_steps:2 t_mul:1 m_mul:0.5 alpha:0")
    "q RealDiv x='3.0' y='2.0'\ntimes Floor x=q\nin Sub x=q y=times\nm Pow x='0.5' y=times\nangle Mul x='3.14159265358979' y=in\n"
    "cos Cos x=angle\nup AddV2 x='1' y=cos\nhalf Mul x='0.5' y=up\nt Mul x=m y=half\nhand Mul x=first y=t\n", "box hand", .run = "train" },
  { "piecewise-constant",
    TRAINED "box PiecewiseConstant boundaries:[1,2] values:[0.3,0.2,0.1]\n"
    "train Minimize loss=loss learning_rate=box optimizer:'GradientDescent'\nhand f32 [] [0.1]\n", "box hand", .run = "train" },
  { "gradient-descent",
    TRAINED "train Minimize loss=loss learning_rate='0.1' optimizer:'GradientDescent' var_list:['v']\n"
    "u VariableV2 shape:[2] _initializer:'[1,-2]'\nstep ApplyGradientDescent var=u alpha='0.1' delta=u\n", "v u", .run = "train step" },
  { "momentum",
    TRAINED "train Minimize loss=loss learning_rate='0.1' optimizer:'Momentum' momentum:0.8 var_list:['v']\n"
    "u VariableV2 shape:[2] _initializer:'[1,-2]'\nslot VariableV2 shape:[2] _initializer:'zeros'\n"
    "step ApplyMomentum var=u accum=slot lr='0.1' grad=u momentum='0.8'\n", "v u", .run = "train step" },

  { "accuracy",
    P "l i32 [2] [2,0]\nbox Accuracy predictions=p labels=l\nwide Cast x=l DstT:'int64'\nlargest ArgMax input=p dimension='1'\n"
    "right Equal x=largest y=wide\nnumber Cast x=right DstT:'float32'\nhand Mean input=number axis='[0]'\n", "box hand" },
  { "metric-mean-absolute-error",
    P L "box Metric predictions=p labels=l kind:'mean_absolute_error'\ne Sub x=p y=l\na Abs x=e\nsum Sum input=a axis='[0,1]'\n"
    "hand RealDiv x=sum y='6'\n", "box hand" },
  { "metric-mean-squared-error",
    P L "box Metric predictions=p labels=l kind:'mean_squared_error'\nroot Metric predictions=p labels=l kind:'root_mean_squared_error'\n"
    "e Sub x=p y=l\na Square x=e\nsum Sum input=a axis='[0,1]'\nmean RealDiv x=sum y='6'\nhand Sqrt x=mean\n", "box mean, root hand" },
  { "metric-accuracy",
    P "l i32 [2] [2,1]\nbox Metric predictions=p labels=l kind:'accuracy'\ntop Metric predictions=p labels=l kind:'top_k_accuracy' k:2\n"
    "half f32 [] [0.5]\n", "box half, top half" },
  /* two of three found among three that were named */
  { "metrics-of-yes-and-no",
    "p f32 [4] [0.9,0.2,0.7,0.6]\nl i32 [4] [1,1,0,1]\nbox Metric predictions=p labels=l kind:'precision'\n"
    "recall Metric predictions=p labels=l kind:'recall'\nf Metric predictions=p labels=l kind:'f1'\n"
    "hand RealDiv x='2.0' y='3.0'\nboth RealDiv x='4.0' y='6.0'\n", "box hand, recall hand, f both" },
  { "metric-confusion",
    "p f32 [3,2] [2,1,0,3,5,4]\nl i32 [3] [0,1,1]\nbox Metric predictions=p labels=l kind:'confusion_matrix'\n"
    "hand RealDiv x='2.0' y='3.0'\ntable f32 [2,2] [1,0,1,1]\n", "box hand, box.1 table" },

  { "attention",
    "q f32 [1,2,4] [0.5,-1.25,2,0.75,-0.3,1.1,0.2,0.4]\nv f32 [1,2,4] [1,2,3,4,5,6,7,8]\nbox Attention query=q key=v value=v\n"
    "scaled Mul x=q y='0.5'\nscores BatchMatMulV2 x=scaled y=v adj_y:true\nshares Softmax logits=scores\n"
    "hand BatchMatMulV2 x=shares y=v\n", "box hand, box.1 shares", .along = "q" },
  { "multi-head-attention",
    "q f32 [1,2,3] [0.5,-1.25,2,0.75,-0.3,1.1]\n"
    "box MultiHeadAttention query=q key=q value=q num_heads:2 key_dim:1 use_bias:false kernel_initializer:'constant(0.4)'\n"
    "k VariableV2 shape:[3,2] _initializer:'constant(0.4)'\no VariableV2 shape:[2,3] _initializer:'constant(0.4)'\n"
    "rows Reshape tensor=q shape='[2,3]'\nproduct MatMul a=rows b=k\nsplit Reshape tensor=product shape='[1,2,2,1]'\n"
    "heads Transpose x=split perm='[0,2,1,3]'\nscaled Mul x=heads y='1'\nscores BatchMatMulV2 x=scaled y=heads adj_y:true\n"
    "shares Softmax logits=scores\nseen BatchMatMulV2 x=shares y=heads\nback Transpose x=seen perm='[0,2,1,3]'\n"
    "joined Reshape tensor=back shape='[2,2]'\nout MatMul a=joined b=o\nhand Reshape tensor=out shape='[1,2,3]'\n",
    "box hand, box.1 shares" },
  { "conv-3d-transpose",
    "x f32 [1,1,2,2,1] [0.5,-1.25,2,0.75]\n"
    "box Conv3DTransposeLayer inputs=x filters:1 kernel_size:[1,2,2] strides:[1,2,2] padding:'VALID' kernel_initializer:'constant(0.3)' "
    "bias_initializer:'constant(0.7)'\n"
    "k VariableV2 shape:[1,2,2,1,1] _initializer:'constant(0.3)'\nb VariableV2 shape:[1] _initializer:'constant(0.7)'\n"
    "y Conv3DBackpropInputV2 input_sizes='[1,1,4,4,1]' filter=k out_backprop=x strides:[1,1,2,2,1] padding:'VALID'\n"
    "hand BiasAdd value=y bias=b\n", "box hand", .along = "x" },

  { "lstm-initial-state",
    SEQUENCE "c0 f32 [2,1] [0.3,-0.6]\nh0 f32 [2,1] [0.2,0.9]\n"
    "box LSTM inputs=x initial_state=h0 initial_cell=c0 units:1 kernel_initializer:'" WEIGHTS "'\n"
    "steps Transpose x=x perm='[1,0,2]'\n" CELL ("cell", "steps") "hand Transpose x=cell.6 perm='[1,0,2]'\n"
    "last StridedSlice input=cell.6 begin='[2]' end='[3]' strides='[1]' shrink_axis_mask:1\n", "box hand, box.1 last", .along = "x" },
  { "lstm-backward",
    SEQUENCE ZEROS "box LSTM inputs=x units:1 direction:'backward' kernel_initializer:'" WEIGHTS "'\n"
    "turned ReverseV2 tensor=x axis='[1]'\nsteps Transpose x=turned perm='[1,0,2]'\n" CELL ("cell", "steps")
    "all Transpose x=cell.6 perm='[1,0,2]'\nhand ReverseV2 tensor=all axis='[1]'\n", "box hand", .along = "x" },
  { "lstm-bidirectional",
    SEQUENCE ZEROS "box LSTM inputs=x units:1 direction:'bidirectional' kernel_initializer:'" WEIGHTS "'\n"
    "steps Transpose x=x perm='[1,0,2]'\n" CELL ("cell", "steps") "there Transpose x=cell.6 perm='[1,0,2]'\n"
    "turned ReverseV2 tensor=x axis='[1]'\nback Transpose x=turned perm='[1,0,2]'\n"
    "cell2 BlockLSTM seq_len_max='3' x=back cs_prev=c0 h_prev=h0 w=w wci=none wcf=none wco=none b=b cell_clip:-1\n"
    "all Transpose x=cell2.6 perm='[1,0,2]'\nagain ReverseV2 tensor=all axis='[1]'\n"
    "hand ConcatV2 values[0]=there values[1]=again axis='2'\n", "box hand", .along = "x" },
  { "lstm-lengths",
    SEQUENCE ZEROS "n i32 [2] [2,3]\nbox LSTM inputs=x sequence_length=n units:1 kernel_initializer:'" WEIGHTS "'\n"
    "steps Transpose x=x perm='[1,0,2]'\n" CELL ("cell", "steps") "all Transpose x=cell.6 perm='[1,0,2]'\n"
    "mask f32 [2,3,1] [1,1,0,1,1,1]\nseen Greater x=mask y='0.5'\nhand SelectV2 condition=seen t=all e=none\n", "box hand" },
  { "lstm-peepholes",
    SEQUENCE ZEROS
    "box LSTM inputs=x units:1 use_peepholes:true kernel_initializer:'constant(0.3)'\n"
    "w VariableV2 shape:[3,4] _initializer:'constant(0.3)'\nb VariableV2 shape:[4] _initializer:'zeros'\n"
    "look VariableV2 shape:[1] _initializer:'constant(0.3)'\nsteps Transpose x=x perm='[1,0,2]'\n"
    "cell BlockLSTM seq_len_max='3' x=steps cs_prev=c0 h_prev=h0 w=w wci=look wcf=look wco=look b=b cell_clip:-1 use_peephole:true\n"
    "hand Transpose x=cell.6 perm='[1,0,2]'\n", "box hand", .along = "x" },
};

/* ---- from lines to a document ---- */

/* 1 for the first line; 0 = there is no node of that name. */
static int
number_of (char *const *lines,
           const char  *name)
{
  gsize length = strcspn (name, ".");

  for (int i = 0; lines[i] != NULL; i++)
    if (strncmp (lines[i], name, length) == 0 && lines[i][length] == ' ')
      return i + 1;
  return 0;
}

static void
append_input (GString     *inputs,
              char *const *lines,
              const char  *port,
              const char  *source)
{
  const char *dot = strchr (source, '.');

  g_string_append_printf (inputs, "%s\"%s\":", inputs->len > 0 ? "," : "", port);
  if (*source == '\'')
    g_string_append_printf (inputs, "{\"literal\":\"%.*s\"}", (int) strlen (source) - 2, source + 1);
  else
    {
      g_assert_cmpint (number_of (lines, source), >, 0);
      g_string_append_printf (inputs, "{\"from\":%d,\"output\":%s}", number_of (lines, source), dot != NULL ? dot + 1 : "0");
    }
}

static void
append_attr (GString    *attrs,
             const char *name,
             const char *value)
{
  g_autofree char *json = g_strdelimit (g_strdup (value), "'", '"');

  g_string_append_printf (attrs, "%s\"%s\":%s", attrs->len > 0 ? "," : "", name, json);
}

/* Values that are not scalars could be fed: so nothing is computed while the plan is made. */
#define VALUES 1000 /* what their constants' ids are above their own */

static void
append_node (GString     *nodes,
             char *const *lines,
             int          id)
{
  g_auto (GStrv) words = g_strsplit (lines[id - 1], " ", -1);
  g_autoptr (GString) attrs = g_string_new (NULL), inputs = g_string_new (NULL);
  gboolean constant = strcmp (words[1], "f32") == 0 || strcmp (words[1], "i32") == 0;
  gboolean kept = constant && words[1][0] == 'f' && strcmp (words[2], "[]") != 0;
  const char *dtype = words[1][0] == 'f' ? "float32" : "int32";

  if (constant)
    g_string_printf (attrs, "\"dtype\":\"%s\",\"value\":{\"dtype\":\"%s\",\"shape\":%s,\"data\":%s}", dtype, dtype, words[2], words[3]);
  if (kept)
    g_string_append_printf (nodes, "{\"id\":%d,\"name\":\"%s_value\",\"op\":\"Const\",\"at\":[0,0],\"attrs\":{%s}},", id + VALUES,
                            words[0], attrs->str);
  for (int i = 2; !constant && words[i] != NULL; i++)
    {
      gsize length = strcspn (words[i], "=:");
      g_autofree char *name = g_strndup (words[i], length);

      if (words[i][length] == '=')
        append_input (inputs, lines, name, words[i] + length + 1);
      else if (words[i][length] == ':')
        append_attr (attrs, name, words[i] + length + 1);
    }
  if (kept)
    {
      g_string_printf (inputs, "\"input\":{\"from\":%d}", id + VALUES);
      g_string_printf (attrs, "\"dtype\":\"%s\",\"shape\":%s", dtype, words[2]);
    }
  g_string_append_printf (nodes, "{\"id\":%d,\"name\":\"%s\",\"op\":\"%s\",\"at\":[0,0],\"attrs\":{%s},\"inputs\":{%s}},", id,
                          words[0], kept ? "PlaceholderWithDefault" : constant ? "Const" : words[1], attrs->str, inputs->str);
}

static GwDocument *
make_document (char *const *lines)
{
  g_autoptr (GString) text = g_string_new ("{\"graphwright\":1,\"nodes\":[");
  GwDocument *document;
  g_autoptr (GError) error = NULL;

  for (int i = 0; lines[i] != NULL; i++)
    append_node (text, lines, i + 1);
  g_string_truncate (text, text->len - 1);
  g_string_append (text, "]}");
  document = gw_document_from_json (text->str, text->len, &error);
  g_assert_no_error (error);
  return document;
}

/* ---- what is compared ---- */

typedef struct {
  char     **lines;
  GwLowered *lowered;
  GwSession *session;
} Run;

static void
run_nodes (const Run    *run,
           int           n,
           GwNode *const *nodes)
{
  g_autoptr (GError) error = NULL;

  gw_session_run (run->session, run->lowered->graph, 0, NULL, 0, NULL, n, nodes, NULL, NULL, &error);
  g_assert_no_error (error);
}

static void
initialize (const Run *run)
{
  g_autoptr (GPtrArray) targets = g_ptr_array_new ();

  for (guint i = 0; i < run->lowered->variables->len; i++)
    g_ptr_array_add (targets, ((GwLoweredVariable *) g_ptr_array_index (run->lowered->variables, i))->initializer);
  if (targets->len > 0)
    run_nodes (run, (int) targets->len, (GwNode *const *) targets->pdata);
}

static GwOutput
output_of (const Run  *run,
           const char *name)
{
  const char *dot = strchr (name, '.');
  GwOutput output = gw_lowered_output (run->lowered, number_of (run->lines, name), dot != NULL ? atoi (dot + 1) : 0);

  if (output.node == NULL)
    g_error ("there is no output %s", name);
  return output;
}

static void
assert_same (const Run *run,
             GwOutput   box,
             GwOutput   hand)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GwTensor) a = gw_session_fetch (run->session, run->lowered->graph, 0, NULL, box, &error);
  g_autoptr (GwTensor) b = NULL;

  g_assert_no_error (error);
  b = gw_session_fetch (run->session, run->lowered->graph, 0, NULL, hand, &error);
  g_assert_no_error (error);
  g_assert_true (gw_shape_equal (&a->shape, &b->shape));
  g_assert_cmpint (a->dtype, ==, b->dtype);
  g_assert_cmpint (gw_shape_elements (&a->shape), >, 0);
  if (memcmp (a->data, b->data, gw_dtype_size (a->dtype) * (gsize) gw_shape_elements (&a->shape)) != 0)
    for (int64_t i = 0; i < gw_shape_elements (&a->shape); i++)
      g_error ("element %d of the box is %.9g, by hand %.9g", (int) i, gw_tensor_get_double (a, i), gw_tensor_get_double (b, i));
}

/* Of the sum of each one's elements. */
static void
assert_same_gradients (const Run  *run,
                       GwOutput    box,
                       GwOutput    hand,
                       const char *along)
{
  GwOutput x = output_of (run, along), of_box, of_hand;
  GwBuilder builder;

  gw_builder_init (&builder, run->lowered->graph);
  gw_gradients (&builder, 1, &box, NULL, 1, &x, &of_box);
  gw_gradients (&builder, 1, &hand, NULL, 1, &x, &of_hand);
  g_assert_no_error (builder.error);
  assert_same (run, of_box, of_hand);
  gw_builder_clear (&builder);
}

static void
run_targets (const Run  *run,
             const char *names)
{
  g_auto (GStrv) words = g_strsplit (names, " ", -1);
  g_autoptr (GPtrArray) targets = g_ptr_array_new ();

  for (int i = 0; words[i] != NULL; i++)
    g_ptr_array_add (targets, gw_lowered_final (run->lowered, number_of (run->lines, words[i])));
  for (int step = 0; step < 3; step++)
    run_nodes (run, (int) targets->len, (GwNode *const *) targets->pdata);
}

static void
test_case (gconstpointer data)
{
  const Case *c = data;
  g_autofree char *nodes = g_strndup (c->nodes, strlen (c->nodes) - 1);
  g_auto (GStrv) lines = g_strsplit (nodes, "\n", -1);
  g_auto (GStrv) pairs = g_strsplit (c->pairs, ", ", -1);
  g_autoptr (GwDocument) document = make_document (lines);
  Run run = { lines, gw_lower (document, &(GwLowerOptions) { c->mode, TRUE, 7 }), gw_session_new (2) };
  g_autoptr (GError) error = NULL;

  gw_lowered_check (run.lowered, document, NULL, 0, &error);
  g_assert_no_error (error);
  initialize (&run);
  if (c->run != NULL)
    run_targets (&run, c->run);
  for (int i = 0; pairs[i] != NULL; i++)
    {
      g_auto (GStrv) names = g_strsplit (pairs[i], " ", 2);

      assert_same (&run, output_of (&run, names[0]), output_of (&run, names[1]));
      if (i == 0 && c->along != NULL)
        assert_same_gradients (&run, output_of (&run, names[0]), output_of (&run, names[1]), c->along);
    }
  gw_session_free (run.session);
  gw_lowered_unref (run.lowered);
}

/* What is drawn at random is looked at where the box draws it: x / keep where it is at least 1 − keep, else 0. */
static void
test_dropout (void)
{
  g_auto (GStrv) lines = g_strsplit (X "box Dropout x=x keep_prob='0.75'", "\n", -1);
  g_autoptr (GwDocument) document = make_document (lines);
  Run run = { lines, gw_lower (document, &(GwLowerOptions) { GW_MODE_TRAIN, TRUE, 7 }), gw_session_new (2) };
  GwGraph *graph = run.lowered->graph;
  GwTensor *results[3];
  GwOutput fetches[3] = { output_of (&run, "x"), output_of (&run, "box") };
  g_autoptr (GError) error = NULL;
  int n_zero = 0;

  for (int i = 0; i < gw_graph_n_nodes (graph); i++)
    if (strcmp (gw_graph_node (graph, i)->def->name, "RandomUniform") == 0)
      fetches[2] = gw_output_of (gw_graph_node (graph, i), 0);
  for (int step = 0; step < 5; step++)
    {
      gw_session_run (run.session, graph, 0, NULL, 3, fetches, 0, NULL, NULL, results, &error);
      g_assert_no_error (error);
      for (int i = 0; i < 6; i++)
        {
          float x = ((float *) results[0]->data)[i], y = ((float *) results[1]->data)[i], drawn = ((float *) results[2]->data)[i];

          g_assert_cmpfloat (y, ==, drawn >= 0.25f ? x * (1 / 0.75f) : 0);
          n_zero += y == 0;
        }
      for (int i = 0; i < 3; i++)
        gw_tensor_unref (results[i]);
    }
  g_assert_cmpint (n_zero, >, 0);
  g_assert_cmpint (n_zero, <, 20);
  gw_session_free (run.session);
  gw_lowered_unref (run.lowered);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gw_init ();
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/by-hand/", cases[i].name, NULL);

      g_test_add_data_func (path, &cases[i], test_case);
    }
  g_test_add_func ("/by-hand/dropout", test_dropout);
  return g_test_run ();
}
