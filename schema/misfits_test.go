package schema

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// fieldTypes are the types that fields in testdata/misfits.txt can have.
var fieldTypes = map[string]reflect.Type{}

func init() {
	maps.Copy(fieldTypes, map[string]reflect.Type{
		"time.Time": reflect.TypeFor[time.Time](), "time.Duration": reflect.TypeFor[time.Duration](), "uuid.UUID": reflect.TypeFor[uuid.UUID](),
		"json.RawMessage": reflect.TypeFor[json.RawMessage](), "schema.Attachment": reflect.TypeFor[Attachment](),
		"sql.Null[int32]": reflect.TypeFor[sql.Null[int32]](), "sql.Null[string]": reflect.TypeFor[sql.Null[string]](), "sql.NullString": reflect.TypeFor[sql.NullString](),
		"Key": reflect.TypeFor[Key](), "any": reflect.TypeFor[any](), "error": reflect.TypeFor[error](), "func()": reflect.TypeFor[func()](),
		"map[string]int": reflect.TypeFor[map[string]int](), "chan int": reflect.TypeFor[chan int](),
	})
	for _, t := range []reflect.Type{
		reflect.TypeFor[bool](), reflect.TypeFor[string](), reflect.TypeFor[int](), reflect.TypeFor[uint](), reflect.TypeFor[float32](), reflect.TypeFor[float64](),
		reflect.TypeFor[int8](), reflect.TypeFor[int16](), reflect.TypeFor[int32](), reflect.TypeFor[int64](),
		reflect.TypeFor[uint8](), reflect.TypeFor[uint16](), reflect.TypeFor[uint32](), reflect.TypeFor[uint64](), reflect.TypeFor[complex128](),
	} {
		fieldTypes[t.String()] = t
	}
	fieldTypes["byte"] = fieldTypes["uint8"]
}

// A Key is the key that structs of testdata/misfits.txt embed.
type Key struct{ SubjectID int32 }

// fieldType is the type that an expression names.
func fieldType(t *testing.T, e ast.Expr) reflect.Type {
	t.Helper()
	switch e := e.(type) {
	case *ast.StarExpr:
		return reflect.PointerTo(fieldType(t, e.X))
	case *ast.ArrayType:
		if e.Len == nil {
			return reflect.SliceOf(fieldType(t, e.Elt))
		}
	}
	typ, ok := fieldTypes[types.ExprString(e)]
	require.True(t, ok, "%s is none of the types of this test", types.ExprString(e))
	return typ
}

// structType is the type that a source declares, the struct in it.
func structType(t *testing.T, source string) reflect.Type {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "misfit.go", "package p\n"+source, 0)
	require.NoError(t, err, source)
	var fields []reflect.StructField
	for _, f := range file.Decls[0].(*ast.GenDecl).Specs[0].(*ast.TypeSpec).Type.(*ast.StructType).Fields.List {
		one := reflect.StructField{Type: fieldType(t, f.Type)}
		if f.Tag != nil {
			tag, err := strconv.Unquote(f.Tag.Value)
			require.NoError(t, err)
			one.Tag = reflect.StructTag(tag)
		}
		names := f.Names
		if names == nil {
			one.Anonymous = true
			names = []*ast.Ident{ast.NewIdent(strings.TrimPrefix(types.ExprString(f.Type), "*"))}
		}
		for _, name := range names {
			one.Name, one.PkgPath = name.Name, ""
			if !name.IsExported() {
				one.PkgPath = "p"
			}
			fields = append(fields, one)
		}
	}
	return reflect.StructOf(fields)
}

// TestStructsThatDoNotFit holds structs that do not fit their definitions to the message that stands on the wrong field's
// line, as testdata/misfits.txt says.
func TestStructsThatDoNotFit(t *testing.T) {
	heads, bodies := sections(readText(t, "misfits.txt"), "===")
	require.Greater(t, len(heads), 20)
	for i, body := range bodies {
		source, definition, ok := strings.Cut(body, ">>>\n")
		require.True(t, ok, body)
		var code []string
		wanted, wrong := "", ""
		for l := range strings.SplitSeq(source, "\n") {
			line, message, found := strings.Cut(l, "###")
			if found {
				require.Empty(t, wanted, body)
				wanted, wrong = strings.TrimSpace(message), line
			}
			code = append(code, line)
		}
		t.Run(fmt.Sprint(i, " ", wanted), func(t *testing.T) {
			var l library
			table, err := l.declare("Manual", "Row", definition)
			require.NoError(t, err)
			b, err := Bind(structType(t, strings.Join(code, "\n")), table.heading)
			if err == nil {
				err = b.Covers(table.heading)
			}
			require.EqualError(t, err, wanted)
			require.Regexp(t, `did you mean|is wanted|without a field are|tag |is no data|with a capital`, wanted, "it says what to do")
			if _, name, ok := strings.Cut(wanted, "the field "); ok {
				require.Contains(t, wrong, strings.FieldsFunc(name, func(r rune) bool { return strings.ContainsRune(" :.", r) })[0])
			}
		})
	}
}
