package table

import (
	"fmt"
	"maps"
	"reflect"
	"strings"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Rest are the attributes of a value inside of an item, such as an element of a list, that this release does not know: another one
// wrote them, and whoever writes the value anew keeps them (INS-5). Those of an item itself need none, since edits name what they set.
type Rest struct{ attributes Item }

// ReadWhole reads a value, which is a map, into a struct, and gives what the struct has no field for; nil for nothing.
func ReadWhole(value types.AttributeValue, into any) (*Rest, error) {
	if err := attributevalue.Unmarshal(value, into); err != nil {
		return nil, err
	}
	all, ok := value.(*types.AttributeValueMemberM)
	if !ok {
		return nil, nil
	}
	unknown := maps.Clone(all.Value)
	of := reflect.TypeOf(into).Elem()
	for i := range of.NumField() {
		name, _, _ := strings.Cut(of.Field(i).Tag.Get("dynamodbav"), ",")
		delete(unknown, name)
	}
	if len(unknown) == 0 {
		return nil, nil
	}
	return &Rest{unknown}, nil
}

// WriteWhole gives a struct as a value, with what was left when it was read.
func WriteWhole(from any, rest *Rest) (types.AttributeValue, error) {
	value, err := attributevalue.Marshal(from)
	if err != nil || rest == nil {
		return value, err
	}
	all, ok := value.(*types.AttributeValueMemberM)
	if !ok {
		return nil, fmt.Errorf("write %T: it is no map", from)
	}
	maps.Copy(all.Value, rest.attributes)
	return all, nil
}
